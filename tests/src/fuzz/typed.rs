//! Ranges as the typed builder takes them.

use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use supabase_core::types::{Decimal, PgMultirange, PgRange};

use super::value::Value;

fn bound<T>(bound: &std::ops::Bound<Box<Value>>, get: impl Fn(&Value) -> T) -> std::ops::Bound<T> {
    bound.as_ref().map(|value| get(value))
}

fn range_of<T>(range: &PgRange<Box<Value>>, get: impl Fn(&Value) -> T) -> PgRange<T> {
    match range {
        PgRange::Empty => PgRange::Empty,
        PgRange::Span { lower, upper } => PgRange::Span { lower: bound(lower, &get), upper: bound(upper, &get) },
    }
}

macro_rules! ranges {
    ($($name:ident $variant:ident $ty:ty;)+) => {$(
        /// The range that the value is.
        #[must_use]
        pub fn $name(value: &Value) -> PgRange<$ty> {
            let Value::Range(range) = value else { unreachable!("{value:?} in a range") };
            range_of(range, |bound| match bound {
                Value::$variant(value) => value.clone().try_into().expect("a bound of the kind"),
                other => unreachable!("{other:?} in the wrong range"),
            })
        }
    )+};
}
ranges! {
    int4range Int i32;
    int8range Int i64;
    numrange Numeric Decimal;
    daterange Date NaiveDate;
    tsrange Timestamp NaiveDateTime;
    tstzrange Timestamptz DateTime<Utc>;
}

macro_rules! multiranges {
    ($($name:ident $variant:ident $ty:ty;)+) => {$(
        /// The multirange that the value is.
        #[must_use]
        pub fn $name(value: &Value) -> PgMultirange<$ty> {
            let Value::Multirange(ranges) = value else { unreachable!("{value:?} in a multirange") };
            let bound = |bound: &Value| -> $ty {
                match bound {
                    Value::$variant(value) => value.clone().try_into().expect("a bound of the kind"),
                    other => unreachable!("{other:?} in the wrong range"),
                }
            };
            PgMultirange(ranges.iter().map(|range| range_of(range, bound)).collect())
        }
    )+};
}
multiranges! {
    int4multirange Int i32;
    int8multirange Int i64;
    nummultirange Numeric Decimal;
    datemultirange Date NaiveDate;
    tsmultirange Timestamp NaiveDateTime;
    tstzmultirange Timestamptz DateTime<Utc>;
}

/// Ranges as elements of an array.
#[must_use]
pub fn int4ranges(value: &Value) -> Vec<Option<PgRange<i32>>> {
    let Value::Array(elements) = value else { unreachable!("{value:?} in an array") };
    elements.iter().map(|element| element.as_ref().map(int4range)).collect()
}
