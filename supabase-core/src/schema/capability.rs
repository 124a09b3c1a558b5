//! Which operators a column's SQL type has.
//!
//! Each check is a trait on the SQL marker with the column as a passenger (`C::Sql: IsRange<C>`),
//! so that the message can name the column and its type, and the compiler lists the types that
//! would fit.

use super::sql::{
    Array, Bit, Bool, Bytea, Cidr, Date, Enum, Float4, Float8, Geo, Hstore, Inet, Int2, Int4, Int8, Interval, Json,
    Jsonb, Ltree, Macaddr, Money, Multirange, Numeric, Oid, Range, System, Text, Time, Timestamp, Timestamptz, Timetz,
    Tsquery, Tsvector, Unknown, Uuid, Vector,
};

/// Types with `=`: `eq`, `neq`, `in_`, `is_distinct`.
#[diagnostic::on_unimplemented(
    message = "`{C}` is `{Self}`, a type that PostgreSQL cannot compare for equality",
    label = "`=` does not apply to `{Self}`",
    note = "reach into json with `.json_text(\"key\")`, or compare in a view or a function of the database"
)]
pub trait Comparable<C> {}

/// Types with `<`: `gt`, `gte`, `lt`, `lte`, and order by.
#[diagnostic::on_unimplemented(
    message = "`{C}` is `{Self}`, a type that has no order",
    label = "`gt`, `lt` and order do not apply to `{Self}`",
    note = "reach into json with `.json_text(\"key\")`, or order in a view or a function of the database"
)]
pub trait Ordered<C> {}

/// Text: `like`, `ilike`, `match_regex` and their `any` and `all` forms.
#[diagnostic::on_unimplemented(
    message = "patterns need a text column, but `{C}` is `{Self}`",
    label = "`{C}` is not a text column",
    note = "to compare a plain value use `.eq(column, value)`; json text is reached with `.json_text(\"key\")`"
)]
pub trait IsText<C> {}

/// Ranges: `range_gt`, `range_gte`, `range_lt`, `range_lte`, `range_adjacent`.
#[diagnostic::on_unimplemented(
    message = "range operators need a range column, but `{C}` is `{Self}`",
    label = "`{C}` is not a range column",
    note = "to compare a plain value use `.gt(column, value)` and its siblings"
)]
pub trait IsRange<C> {}

/// Types with `@>` and `<@`: `contains`, `contained_by`.
#[diagnostic::on_unimplemented(
    message = "`contains` and `contained_by` need an array, a range, jsonb or hstore, but `{C}` is `{Self}`",
    label = "`{C}` contains nothing",
    note = "to find a piece of text use `.ilike(column, \"%piece%\")`; to find one of several values use `.in_(column, values)`"
)]
pub trait Contained<C> {}

/// Types with `&&`: `overlaps`.
#[diagnostic::on_unimplemented(
    message = "`overlaps` needs an array or a range, but `{C}` is `{Self}`",
    label = "`{C}` is neither an array nor a range",
    note = "jsonb is compared with `.contains(column, value)`"
)]
pub trait Overlapping<C> {}

/// Types with full text search: `text_search`.
#[diagnostic::on_unimplemented(
    message = "`text_search` needs a tsvector, text or json column, but `{C}` is `{Self}`",
    label = "`{C}` cannot be searched as text"
)]
pub trait IsSearchable<C> {}

/// Booleans: `is_true`, `is_false`, `is_unknown`.
#[diagnostic::on_unimplemented(
    message = "`is_true`, `is_false` and `is_unknown` need a boolean column, but `{C}` is `{Self}`",
    label = "`{C}` is not a boolean",
    note = "to compare a plain value use `.eq(column, value)`; for NULL use `.is_null(column)`"
)]
pub trait IsBool<C> {}

macro_rules! capable {
    ($capability:ident: $($sql:ident)*) => { $(impl<C> $capability<C> for $sql {})* };
}

capable!(Comparable: System Bool Int2 Int4 Int8 Oid Float4 Float8 Numeric Money Text Uuid Date Time Timetz Timestamp
    Timestamptz Interval Jsonb Bytea Inet Cidr Macaddr Tsvector Tsquery Bit Hstore Ltree Vector Geo Unknown);
capable!(Ordered: Bool Int2 Int4 Int8 Oid Float4 Float8 Numeric Money Text Uuid Date Time Timetz Timestamp
    Timestamptz Interval Jsonb Bytea Inet Cidr Macaddr Tsvector Tsquery Bit Ltree Unknown);
capable!(IsText: Text);
capable!(Contained: Jsonb Hstore Tsquery Ltree Unknown);
// `&&` of two tsquery makes another one and is no condition.
capable!(Overlapping: Inet Cidr Unknown);
capable!(IsSearchable: Text Tsvector Json Jsonb);
capable!(IsBool: Bool);

// Composites are left out: PostgreSQL reads no literal of an unnamed one (0A000), and a filter names
// no type.
impl<C, T> Comparable<C> for Array<T> {}
impl<C, T> Comparable<C> for Range<T> {}
impl<C, T> Comparable<C> for Multirange<T> {}
impl<C, T> Comparable<C> for Enum<T> {}
impl<C, T> Ordered<C> for Array<T> {}
impl<C, T> Ordered<C> for Range<T> {}
impl<C, T> Ordered<C> for Multirange<T> {}
impl<C, T> Ordered<C> for Enum<T> {}
impl<C, T> IsRange<C> for Range<T> {}
impl<C, T> IsRange<C> for Multirange<T> {}
impl<C, T> Contained<C> for Array<T> {}
impl<C, T> Contained<C> for Range<T> {}
impl<C, T> Contained<C> for Multirange<T> {}
impl<C, T> Overlapping<C> for Array<T> {}
impl<C, T> Overlapping<C> for Range<T> {}
impl<C, T> Overlapping<C> for Multirange<T> {}
