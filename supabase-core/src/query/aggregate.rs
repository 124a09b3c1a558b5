//! What aggregates decode into.

use crate::schema::sql::{Float4, Float8, Int2, Int4, Int8, Interval, Money, Numeric};
use crate::schema::{NotNull, Nullable};
use crate::types::Decimal;

/// Numbers (and intervals) that `avg` and `sum` apply to, with their result types as PostgreSQL
/// has them. Each is an `Option`: over no row they are NULL.
#[diagnostic::on_unimplemented(
    message = "`avg` and `sum` need a number or an interval, but `{C}` is `{Self}`",
    label = "`{C}` cannot be summed"
)]
pub trait Aggregate<C> {
    /// What `avg` gives.
    type Avg;
    /// What `sum` gives.
    type Sum;
}

macro_rules! aggregates {
    ($($sql:ty => $avg:ty, $sum:ty;)+) => {$(
        impl<C> Aggregate<C> for $sql {
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
