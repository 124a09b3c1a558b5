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
    numrange Numeric Decimal;
    daterange Date NaiveDate;
    tsrange Timestamp NaiveDateTime;
    tstzrange Timestamptz DateTime<Utc>;
}

/// The multirange that the value is.
#[must_use]
pub fn int4multirange(value: &Value) -> PgMultirange<i32> {
    let Value::Multirange(ranges) = value else { unreachable!("{value:?} in a multirange") };
    PgMultirange(
        ranges
            .iter()
            .map(|range| {
                range_of(range, |bound| match bound {
                    Value::Int(value) => i32::try_from(*value).expect("a bound of the kind"),
                    other => unreachable!("{other:?} in the wrong range"),
                })
            })
            .collect(),
    )
}
