//! What a column may be set to: a value, NULL, or nothing at all.

use super::{Optional, ReadOnly, Required, ToValue};
use crate::query::ValueWriter;

/// A Rust value that column `C` may be set to. `Null` is the column's nullability.
#[diagnostic::on_unimplemented(
    message = "a `{Self}` cannot be stored in column `{C}`, which is `{Sql}` and `{Null}`",
    label = "`{C}` is `{Sql}`, `{Null}`",
    note = "a nullable column takes `Some(value)`, `None` for NULL, or `Omit`"
)]
pub trait AssignFor<Sql, Null, C>: ToValue {}

/// The passenger of "a column that the database alone sets": `C::Write: Writable<C>`.
#[diagnostic::on_unimplemented(
    message = "`{C}` is set by the database and cannot be written",
    label = "generated column",
    note = "leave it out: it is GENERATED ALWAYS, or cannot be updated through its view"
)]
pub trait Writable<C> {}
impl<C> Writable<C> for Required {}
impl<C> Writable<C> for Optional {}

/// The passenger of "a column that may be left out": `C::Write: OmitFor<C>`.
#[diagnostic::on_unimplemented(
    message = "`{C}` cannot be left out: it is NOT NULL and has no default",
    label = "`{C}` is required"
)]
pub trait OmitFor<C> {}
impl<C> OmitFor<C> for Optional {}
impl<C> OmitFor<C> for ReadOnly {}

/// Leaves a column of an insert, or an argument of a function, to its default.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Omit;

/// An omitted argument is never written; this exists so that `Omit` may stand where a value may.
impl ToValue for Omit {
    fn write(&self, out: &mut ValueWriter<'_>) {
        out.omit();
    }
}

impl<Sql, A> super::ArgumentFor<Sql, Optional, A> for Omit {}
impl<Sql, Null, C: super::Column<Write = Optional>> AssignFor<Sql, Null, C> for Omit {}

/// A column of a generated `Insert` or `Update` struct that may be left out.
///
/// ```
/// use supabase_core::schema::Field;
/// let kept: Field<i64> = Field::Omit;          // the default, or the present value, stays
/// let set: Field<i64> = 3.into();
/// let null: Field<Option<i64>> = None.into();  // SQL NULL
/// let text: Field<Option<String>> = "Mars".into();
/// assert_ne!(kept, set);
/// assert_eq!(null, Field::Value(None));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Field<V> {
    /// The column is left out.
    #[default]
    Omit,
    /// The column is set.
    Value(V),
}

impl<V> From<V> for Field<V> {
    fn from(value: V) -> Self {
        Self::Value(value)
    }
}

impl<V> From<V> for Field<Option<V>> {
    fn from(value: V) -> Self {
        Self::Value(Some(value))
    }
}

impl From<&str> for Field<String> {
    fn from(text: &str) -> Self {
        Self::Value(text.to_owned())
    }
}

impl From<&str> for Field<Option<String>> {
    fn from(text: &str) -> Self {
        Self::Value(Some(text.to_owned()))
    }
}
