//! What aggregates decode into.

use crate::schema::sql::{
    Array, Bit, Bool, Bytea, Cidr, Composite, Date, Enum, Float4, Float8, Geo, Geometric, Hstore, Inet, Int2, Int4,
    Int8, Interval, Json, Jsonb, Ltree, Macaddr, Money, Multirange, Numeric, Oid, Opaque, Range, System, Text, Time,
    Timestamp, Timestamptz, Timetz, Tsquery, Tsvector, Unknown, Uuid, Vector, Xml,
};
use crate::schema::{NotNull, Nullable};
use crate::types::Decimal;

/// Numbers (and intervals) that `avg` and `sum` apply to.
#[diagnostic::on_unimplemented(
    message = "`avg` and `sum` need a number or an interval, but `{C}` is `{Self}`",
    label = "`{C}` cannot be summed"
)]
pub trait Aggregate<C> {}

/// The result types of `avg` and `sum`, as PostgreSQL has them. Each is an `Option`: over no row they
/// are NULL.
///
/// Every type has them, also one that cannot be summed: the type of a field would otherwise be
/// unknown, and the compiler would say so at every use of the row. [`Aggregate`] alone decides.
pub trait Aggregated {
    /// What `avg` gives.
    type Avg;
    /// What `sum` gives.
    type Sum;
}

macro_rules! aggregates {
    ($($sql:ty => $avg:ty, $sum:ty;)+) => {$(
        impl<C> Aggregate<C> for $sql {}
        impl Aggregated for $sql {
            type Avg = Option<$avg>;
            type Sum = Option<$sum>;
        }
    )+};
}
aggregates! {
    Int2 => Decimal, i64;
    Int4 => Decimal, i64;
    Int8 => Decimal, Decimal;
    Numeric => Decimal, Decimal;
    Float4 => f64, f32;
    Float8 => f64, f64;
    Interval => String, String;
    Money => String, String;
}

macro_rules! not_summed {
    ($($sql:ident)* ; $($generic:ident)*) => {
        $(impl Aggregated for $sql {
            type Avg = Option<String>;
            type Sum = Option<String>;
        })*
        $(impl<T> Aggregated for $generic<T> {
            type Avg = Option<String>;
            type Sum = Option<String>;
        })*
    };
}
not_summed! {
    Bool Oid Text Uuid Date Time Timetz Timestamp Timestamptz Json Jsonb Bytea Inet Cidr Macaddr Tsvector Tsquery Xml
    Bit Geometric Hstore Ltree Vector Geo System Opaque Unknown;
    Array Range Multirange Enum Composite
}

/// The type with room for NULL: `T` and `Option<T>` both give `Option<T>`.
pub trait AsOption {
    /// With room for NULL.
    type Option;
}

impl<T> AsOption for Option<T> {
    type Option = Self;
}

macro_rules! as_option {
    ($($ty:ty)*) => {$(
        impl AsOption for $ty {
            type Option = Option<$ty>;
        }
    )*};
}
as_option! {
    bool i8 i16 i32 i64 u32 f32 f64 String Decimal crate::types::Uuid crate::types::NaiveDate
    crate::types::NaiveTime crate::types::NaiveDateTime crate::types::DateTimeUtc
}

/// A column's nullability, applied to another type.
pub trait Nullability {
    /// `V`, or `Option<V>` for a nullable column.
    type Apply<V>;
}

impl Nullability for NotNull {
    type Apply<V> = V;
}

impl Nullability for Nullable {
    type Apply<V> = Option<V>;
}
