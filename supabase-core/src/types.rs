//! Rust types for PostgreSQL values that the standard library has no name for, and re-exports of
//! those that other crates name well.

mod serialize;

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Bound;

use chrono::{Datelike, NaiveDate as Date, Timelike};

pub use chrono::{NaiveDate, NaiveDateTime, NaiveTime};
pub use rust_decimal::Decimal;
pub use uuid::Uuid;

/// Dates and times of the library `time`, where the generator's `dates` says so.
#[cfg(feature = "time")]
pub mod time {
    pub use ::time::{Date, OffsetDateTime, PrimitiveDateTime, Time};
}
/// Dates and times of the library `jiff`, where the generator's `dates` says so.
#[cfg(feature = "jiff")]
pub mod jiff {
    pub use ::jiff::Timestamp;
    pub use ::jiff::civil::{Date, DateTime, Time};
}

/// `timestamptz`: a moment, in UTC.
pub type DateTimeUtc = chrono::DateTime<chrono::Utc>;
/// A JSON document whose shape the schema does not know.
pub type JsonValue = serde_json::Value;
/// `hstore`: text keys with text values or NULL.
pub type Hstore = BTreeMap<String, Option<String>>;

/// A JSON document of a type of one's own, for `json` and `jsonb` columns.
///
/// ```
/// # use supabase_core::types::Json;
/// #[derive(serde::Serialize, serde::Deserialize)]
/// struct Facts { day_h: f64 }
/// let facts = Json(Facts { day_h: 24.0 });
/// assert_eq!(facts.day_h, 24.0);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Json<T>(pub T);

impl<T> std::ops::Deref for Json<T> {
    type Target = T;
    fn deref(&self) -> &T {
        &self.0
    }
}

/// `bytea`: bytes, sent and received as `\x` and hexadecimal digits.
#[derive(Clone, PartialEq, Eq, Hash, Default)]
pub struct Bytea(pub Vec<u8>);

impl fmt::Debug for Bytea {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Bytea({self})")
    }
}

impl fmt::Display for Bytea {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("\\x")?;
        self.0.iter().try_for_each(|byte| write!(out, "{byte:02x}"))
    }
}

impl<T: AsRef<[u8]>> From<T> for Bytea {
    fn from(bytes: T) -> Self {
        Self(bytes.as_ref().to_vec())
    }
}

/// The bytes that hexadecimal digits stand for.
pub(crate) fn hex(digits: &[u8]) -> Option<Vec<u8>> {
    let (pairs, []) = digits.as_chunks::<2>() else { return None };
    pairs.iter().map(|&[high, low]| Some(nibble(high)? << 4 | nibble(low)?)).collect()
}

const fn nibble(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        b'A'..=b'F' => Some(digit - b'A' + 10),
        _ => None,
    }
}

/// A vector of pgvector, sent as `[1,2,3]`.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct PgVector(pub Vec<f32>);

/// One column of a row of which not every column was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Cell<T> {
    /// It was not sent.
    #[default]
    Absent,
    /// It is NULL.
    Null,
    /// It has a value.
    Value(T),
}

impl<T> Cell<T> {
    /// The value, if there is one.
    pub fn value(self) -> Option<T> {
        match self {
            Self::Value(value) => Some(value),
            Self::Absent | Self::Null => None,
        }
    }

    /// The same, borrowed.
    pub const fn as_ref(&self) -> Cell<&T> {
        match self {
            Self::Absent => Cell::Absent,
            Self::Null => Cell::Null,
            Self::Value(value) => Cell::Value(value),
        }
    }

    /// Whether it was not sent.
    #[must_use]
    pub const fn is_absent(&self) -> bool {
        matches!(self, Self::Absent)
    }
}

/// PostgreSQL input text, sent exactly as it is: for types and spellings that have no Rust type.
///
/// ```
/// # use supabase_core::types::Literal;
/// let whole_day = Literal("[2000-01-01,2000-01-02)");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Literal<'t>(pub &'t str);

/// A range with any bounds, or the empty range.
///
/// ```
/// # use supabase_core::types::PgRange;
/// let ten_to_twenty = PgRange::from(10..20);       // [10,20)
/// assert_eq!(ten_to_twenty, PgRange::half_open(10, 20));
/// assert!(PgRange::<i32>::Empty.is_empty());
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PgRange<T> {
    /// The range without a point.
    Empty,
    /// A range between two bounds.
    Span {
        /// Where the range starts.
        lower: Bound<T>,
        /// Where the range ends.
        upper: Bound<T>,
    },
}

/// Two bounds, borrowed; `None` is the empty range.
pub type Bounds<'t, T> = Option<(Bound<&'t T>, Bound<&'t T>)>;

impl<T> PgRange<T> {
    /// `[lower,upper)`, the form that PostgreSQL gives to discrete ranges.
    #[must_use]
    pub const fn half_open(lower: T, upper: T) -> Self {
        Self::Span { lower: Bound::Included(lower), upper: Bound::Excluded(upper) }
    }

    /// `[lower,upper]`.
    #[must_use]
    pub const fn closed(lower: T, upper: T) -> Self {
        Self::Span { lower: Bound::Included(lower), upper: Bound::Included(upper) }
    }

    /// `(lower,upper)`.
    #[must_use]
    pub const fn open(lower: T, upper: T) -> Self {
        Self::Span { lower: Bound::Excluded(lower), upper: Bound::Excluded(upper) }
    }

    /// The range of one point, `[value,value]`: what `contains` takes to ask for an element.
    #[must_use]
    pub fn point(value: T) -> Self
    where
        T: Clone,
    {
        Self::closed(value.clone(), value)
    }

    /// Whether this is the range without a point, as PostgreSQL spells it (`empty`).
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        matches!(self, Self::Empty)
    }

    /// The bounds, borrowed.
    #[must_use]
    pub fn as_bounds(&self) -> Bounds<'_, T> {
        match self {
            Self::Empty => None,
            Self::Span { lower, upper } => Some((lower.as_ref(), upper.as_ref())),
        }
    }
}

macro_rules! from_ranges {
    ($($ty:ty: $range:ident => ($lower:expr, $upper:expr);)+) => {$(
        impl<T> From<$ty> for PgRange<T> {
            fn from($range: $ty) -> Self {
                Self::Span { lower: $lower, upper: $upper }
            }
        }
    )+};
}

from_ranges! {
    std::ops::Range<T>: range => (Bound::Included(range.start), Bound::Excluded(range.end));
    std::ops::RangeFrom<T>: range => (Bound::Included(range.start), Bound::Unbounded);
    std::ops::RangeTo<T>: range => (Bound::Unbounded, Bound::Excluded(range.end));
    std::ops::RangeToInclusive<T>: range => (Bound::Unbounded, Bound::Included(range.end));
    std::ops::RangeFull: _range => (Bound::Unbounded, Bound::Unbounded);
}

impl<T> From<std::ops::RangeInclusive<T>> for PgRange<T> {
    fn from(range: std::ops::RangeInclusive<T>) -> Self {
        let (lower, upper) = range.into_inner();
        Self::closed(lower, upper)
    }
}

/// A multirange: ranges in order, without overlaps once the database has stored them.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct PgMultirange<T>(pub Vec<PgRange<T>>);

impl<T> From<PgRange<T>> for PgMultirange<T> {
    fn from(range: PgRange<T>) -> Self {
        Self(vec![range])
    }
}

/// A date as PostgreSQL reads it; years before 1 are spelled `BC`.
pub(crate) struct PgDate(pub(crate) Date);

impl PgDate {
    fn digits(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let year = self.0.year();
        let year = if year > 0 { year } else { 1 - year };
        write!(out, "{year:04}-{:02}-{:02}", self.0.month(), self.0.day())
    }

    fn era(&self) -> &'static str {
        if self.0.year() > 0 { "" } else { " BC" }
    }
}

impl fmt::Display for PgDate {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.digits(out)?;
        out.write_str(self.era())
    }
}

/// A timestamp as PostgreSQL reads it, with the zone's offset behind it.
pub(crate) struct PgTimestamp(pub(crate) NaiveDateTime, pub(crate) &'static str);

impl fmt::Display for PgTimestamp {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let date = PgDate(self.0.date());
        date.digits(out)?;
        let time = self.0.time();
        // A leap second is the first moment of the next minute to PostgreSQL.
        write!(out, "T{:02}:{:02}:", time.hour(), time.minute())?;
        let nanos = time.nanosecond();
        let (second, nanos) =
            if nanos >= 1_000_000_000 { (time.second() + 1, nanos - 1_000_000_000) } else { (time.second(), nanos) };
        write!(out, "{second:02}")?;
        if nanos % 1_000 != 0 {
            write!(out, ".{nanos:09}")?;
        } else if nanos != 0 {
            write!(out, ".{:06}", nanos / 1_000)?;
        }
        out.write_str(self.1)?;
        out.write_str(date.era())
    }
}
