//! Columns, and which table they belong to.

use super::Table;

/// A column. Generated as a unit struct under the column's name: `planets::name`.
///
/// There are no supertraits and no derives on purpose: five hundred tables of twelve columns check
/// in a second or two because a column is one struct and one impl without a body.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a column",
    label = "expected a generated column such as `planets::name`",
    note = "names in strings belong to the untyped builder: `.from(\"planets\")`"
)]
pub trait Column: 'static {
    /// The table that has the column.
    type Table: Table;
    /// The SQL type, one of the markers of [`sql`](super::sql); operators are decided by it.
    type Sql;
    /// The Rust type that the column decodes into, an `Option` where it may be NULL.
    type Ty;
    /// [`NotNull`] or [`Nullable`].
    type Null;
    /// [`Required`], [`Optional`] or [`ReadOnly`]: what an insert has to do about it.
    type Write;
    /// The name that the server knows, exactly as the database spells it.
    const NAME: &'static str;
}

/// The column is NOT NULL.
#[derive(Debug, Clone, Copy)]
pub enum NotNull {}
/// The column may hold NULL.
#[derive(Debug, Clone, Copy)]
pub enum Nullable {}

/// An insert has to set the column: NOT NULL, no default, not generated.
#[derive(Debug, Clone, Copy)]
pub enum Required {}
/// An insert may leave the column out: it has a default or may be NULL.
#[derive(Debug, Clone, Copy)]
pub enum Optional {}
/// The database alone sets the column: `GENERATED ALWAYS`, or not updatable through its view.
#[derive(Debug, Clone, Copy)]
pub enum ReadOnly {}

/// The passenger of "a column of another table": `C::Table: SameTable<T, C>`.
#[diagnostic::on_unimplemented(
    message = "`{C}` belongs to `{Self}`, but the query is about `{T}`",
    label = "not a column of `{T}`",
    note = "to filter on an embedded table put the filter inside the relation: `.within(relation, |embedded| embedded.eq(..))`",
    note = "to keep rows by a related row use `.having(relation, |related| related.eq(..))`"
)]
pub trait SameTable<T, C> {}
impl<T: Table, C> SameTable<T, C> for T {}

/// The table of a condition that is used on the table `T`.
#[diagnostic::on_unimplemented(
    message = "this condition is about `{Self}`, but the query is about `{T}`",
    label = "a condition on `{Self}`",
    note = "to filter on an embedded table put the filter inside the relation: `.within(relation, |embedded| embedded.filter(..))`",
    note = "to keep rows by a related row use `.having(relation, |related| related.filter(..))`"
)]
pub trait ConditionOn<T> {}
impl<T: Table> ConditionOn<T> for T {}

/// The table of an order that is used on the table `T`.
#[diagnostic::on_unimplemented(
    message = "this order is about `{Self}`, but the query is about `{T}`",
    label = "an order of `{Self}`",
    note = "to order embedded rows put the order inside the relation: `.within(relation, |embedded| embedded.order(..))`"
)]
pub trait OrderOn<T> {}
impl<T: Table> OrderOn<T> for T {}

/// A column of the table `T`, as a bound for generic code of one's own.
pub trait ColumnOf<T>: Column {}
impl<C: Column<Table = T>, T> ColumnOf<T> for C {}
