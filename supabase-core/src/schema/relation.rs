//! Relationships between tables, and unique constraints.

use super::Table;

/// A relationship, from the side of [`Source`](Relation::Source).
///
/// Generated as a module that re-exports the target's columns (so `planets::rel::moons::name` is
/// `moons::name`) with a marker inside, and a `const` of the same name that is the marker's value:
/// `.within(planets::rel::moons, |moons| ..)`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a relationship",
    label = "expected a generated relationship such as `planets::rel::moons`"
)]
pub trait Relation: 'static {
    /// The table that the relationship starts from.
    type Source: Table;
    /// The table at its other end.
    type Target: Table;
    /// [`Many`], [`One`] or [`ZeroOrOne`].
    type Cardinality: Cardinality;
    /// The key of the embedded rows in the answer.
    const NAME: &'static str;
    /// What PostgREST is asked to embed: the table with the hint that makes it unambiguous
    /// (`moons!moons_planet_id_fkey`).
    const TARGET: &'static str;
    /// The same without the table's name (`moons_planet_id_fkey`), where the server has a way to
    /// say it. Servers before PostgREST 16 take a table's name for every embed of that table, so
    /// only this lets a request embed it twice and address each of the two.
    const BY_KEY: &'static str = Self::TARGET;
}

/// How many rows a relationship leads to, and so which type they decode into.
pub trait Cardinality: 'static {
    /// The type of the embedded rows.
    type Shape<R>;
    /// The type of the embedded rows of an inner embed, which is never empty.
    type InnerShape<R>;
    /// Whether there can be more than one.
    const MANY: bool;
}

/// Any number of rows: `Vec<R>`.
#[derive(Debug, Clone, Copy)]
pub enum Many {}
/// Exactly one row, since the key is NOT NULL: `R`.
#[derive(Debug, Clone, Copy)]
pub enum One {}
/// One row or none: `Option<R>`.
#[derive(Debug, Clone, Copy)]
pub enum ZeroOrOne {}

impl Cardinality for Many {
    type Shape<R> = Vec<R>;
    type InnerShape<R> = Vec<R>;
    const MANY: bool = true;
}
impl Cardinality for One {
    type Shape<R> = R;
    type InnerShape<R> = R;
    const MANY: bool = false;
}
impl Cardinality for ZeroOrOne {
    type Shape<R> = Option<R>;
    type InnerShape<R> = R;
    const MANY: bool = false;
}

/// A relationship that leads to one row at most, so that rows can be sorted by it.
#[diagnostic::on_unimplemented(
    message = "rows of `{T}` cannot be sorted by `{E}`, which leads to many rows",
    label = "there may be several related rows, and none of them decides",
    note = "to sort the embedded rows themselves put the order inside the relation: `.within(relation, |embedded| embedded.order(..))`"
)]
pub trait ToOne<T, E> {}
impl<T, E> ToOne<T, E> for One {}
impl<T, E> ToOne<T, E> for ZeroOrOne {}

/// The passenger of "a relationship of another table": `E::Source: RelationOf<T, E>`.
#[diagnostic::on_unimplemented(
    message = "`{E}` starts from `{Self}`, but the query is about `{T}`",
    label = "not a relationship of `{T}`",
    note = "relationships are found in the `rel` module of the table: `planets::rel::moons`"
)]
pub trait RelationOf<T, E> {}
impl<T: Table, E> RelationOf<T, E> for T {}

/// A selection that embeds the relationship `E`.
#[diagnostic::on_unimplemented(
    message = "the selection `{Self}` does not embed `{E}`, so there is nothing to shape",
    label = "`{E}` is not part of what is selected",
    note = "select it: `select!(struct Card: planets {{ id, moons {{ name }} }})`; a relation under an alias is found by the alias, `Card::big`",
    note = "to keep rows by a related row without selecting it use `.having(relation, |related| ..)`"
)]
pub trait Embeds<E> {
    /// What the embedded rows are read into, so that the selection inside can be shaped too.
    type Row;
    /// The key under which the relationship is embedded: its name, or the alias it was given.
    const KEY: &'static str;
}

/// What `.within(..)` takes: a relationship, or the alias that `select!` gave to one.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is neither a relationship nor an alias of one",
    label = "expected a relationship such as `planets::rel::moons`, or an alias such as `Card::big`"
)]
pub trait EmbedKey: 'static {
    /// The relationship that is embedded.
    type Relation: Relation;
}
impl<E: Relation> EmbedKey for E {
    type Relation = E;
}

/// What `.within(..)` asks of its first argument: that the rows `R` embed it.
///
/// The argument is what implements this, not the row. It is then known before the compiler looks
/// for an implementation; asked of the row alone, it would take the one relationship that the row
/// embeds and call every other argument a mismatched type.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is neither a relationship nor an alias of one",
    label = "expected a relationship such as `planets::rel::moons`, or an alias such as `Card::big`"
)]
pub trait EmbeddedIn<R> {
    /// The table of the embedded rows.
    type Target: Table;
    /// What the embedded rows are read into.
    type Row;
    /// The key under which they are embedded.
    const KEY: &'static str;
}

impl<E: EmbedKey, R> EmbeddedIn<R> for E
where
    <E::Relation as Relation>::Target: ShapedBy<R, E>,
{
    type Target = <E::Relation as Relation>::Target;
    type Row = <<E::Relation as Relation>::Target as ShapedBy<R, E>>::Row;
    const KEY: &'static str = <<E::Relation as Relation>::Target as ShapedBy<R, E>>::KEY;
}

/// Keeps "is a relationship" and "is selected" from being two mistakes: without a target there is
/// nothing further to say.
#[doc(hidden)]
pub trait ShapedBy<R, E> {
    type Row;
    const KEY: &'static str;
}

impl<T: Table, R: Embeds<E>, E> ShapedBy<R, E> for T {
    type Row = R::Row;
    const KEY: &'static str = R::KEY;
}

/// A unique constraint or primary key, for `.on_conflict(..)`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a unique constraint",
    label = "expected a generated constraint such as `instruments::unique::id`",
    note = "an upsert needs a unique or primary key to find the row it may replace; the table's `unique` module lists them"
)]
pub trait Unique: 'static {
    /// The table that has the constraint.
    type Table: Table;
    /// Its columns, in the constraint's order.
    const COLUMNS: &'static [&'static str];
}

/// The passenger of "a constraint of another table": `U::Table: UniqueOf<T, U>`.
#[diagnostic::on_unimplemented(
    message = "`{U}` is a constraint of `{Self}`, but the rows are those of `{T}`",
    label = "not a constraint of `{T}`"
)]
pub trait UniqueOf<T, U> {}
impl<T: Table, U> UniqueOf<T, U> for T {}
