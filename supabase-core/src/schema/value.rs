//! Which Rust values may meet which SQL type.
//!
//! [`ToValue`] says *how* a value is told to the encoder, [`ValueFor`] says *where* it may stand.
//! The encoder (`query::encode`) alone knows how each place is quoted.

use std::borrow::Cow;

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, TimeZone};
use rust_decimal::Decimal;
use serde::Serialize;
use uuid::Uuid;

use super::sql::{
    Array, Bit, Bool, Bytea, Cidr, Date, Float4, Float8, Geo, Geometric, Hstore, Inet, Int2, Int4, Int8, Interval,
    Json, Jsonb, Ltree, Macaddr, Money, Multirange, Numeric, Oid, Opaque, Range, System, Text, Time, Timestamp,
    Timestamptz, Timetz, Tsquery, Tsvector, Unknown, Uuid as UuidSql, Vector, Xml,
};
use super::{ArgumentFor, AssignFor, NotNull, Nullable};
use crate::decode::{Decode, DecodeError, RowReader};
use crate::query::{ObjectWriter, ValueWriter};
use crate::types;

/// A value that the encoder can write into a filter, a list, a function argument or a JSON body.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a value that a request can carry",
    label = "not a value",
    note = "derive it for a type of your own: `#[derive(Value)]`; wrap a serializable document as `Json(value)`"
)]
pub trait ToValue {
    /// Tells the encoder what the value is: null, a number, text, a list …
    fn write(&self, out: &mut ValueWriter<'_>);
}

/// A Rust value that may be compared with the column `C`, whose type is `Sql`.
#[diagnostic::on_unimplemented(
    message = "a `{Self}` cannot be compared with column `{C}`, which is `{Sql}`",
    label = "`{C}` is `{Sql}`",
    note = "a value that Rust has no type for is written as PostgreSQL spells it: `Literal(\"..\")`"
)]
pub trait ValueFor<Sql, C>: ToValue {}

/// A Rust value that may be an element of an array of `Sql` in the column `C`.
#[diagnostic::on_unimplemented(
    message = "a `{Self}` cannot be an element of `{C}`, whose elements are `{Sql}`",
    label = "the elements of `{C}` are `{Sql}`"
)]
pub trait ElementFor<Sql, C>: ToValue {}

/// Nothing implements this: it carries the sentence for an `Option` in a filter. The column is what
/// would implement it, since rustc prints the sentence of the bound that it started from where both
/// are about one type.
#[diagnostic::on_unimplemented(
    message = "an `Option` cannot be compared with column `{Self}`: `None` would be NULL, and nothing equals NULL",
    label = "this may be `None`",
    note = "for rows without a value use `.is_null(column)`; to filter only when there is a value use `.eq_if_some(column, option)`"
)]
pub trait AcceptsOption<V> {}

/// A type that may hold what column `C` decodes into, in a `#[derive(Row)]` struct.
#[diagnostic::on_unimplemented(
    message = "field type `{Self}` does not match column `{C}`, which is `{Ty}`",
    label = "column `{C}` decodes as `{Ty}`",
    note = "write the field as `{Ty}`, or derive `Value` for a type of your own"
)]
pub trait FieldFor<Ty, C>: Decode {}
impl<T: Decode, C> FieldFor<T, C> for T {}
impl<T: serde::de::DeserializeOwned, C> FieldFor<types::JsonValue, C> for types::Json<T> {}
impl<T: serde::de::DeserializeOwned, C> FieldFor<Option<types::JsonValue>, C> for Option<types::Json<T>> {}

/// An enum of the database. Generated with one variant per label and `Other` for labels that the
/// database gains later.
pub trait PgEnum: Sized {
    /// The type's exact name.
    const NAME: &'static str;
    /// The labels that were known when the code was generated, in the database's order.
    const LABELS: &'static [&'static str];
    /// The exact label.
    fn label(&self) -> &str;
    /// The variant of a label.
    fn from_label(label: &str) -> Self;
}

/// A composite type of the database. Generated as a struct.
pub trait PgComposite: Sized {
    /// The type's exact name.
    const NAME: &'static str;
    /// Reads the value from its JSON object.
    ///
    /// # Errors
    /// Fails when an attribute is missing or holds JSON that its type cannot hold.
    fn decode(reader: &mut RowReader<'_>) -> Result<Self, DecodeError>;
    /// Writes every attribute, in the type's order.
    fn write(&self, out: &mut ObjectWriter<'_>);
}

// ---- how values are told -----------------------------------------------------------------------

impl<V: ToValue + ?Sized> ToValue for &V {
    fn write(&self, out: &mut ValueWriter<'_>) {
        (**self).write(out);
    }
}

impl<V: ToValue + ?Sized> ToValue for Box<V> {
    fn write(&self, out: &mut ValueWriter<'_>) {
        (**self).write(out);
    }
}

impl<V: ToValue> ToValue for Option<V> {
    fn write(&self, out: &mut ValueWriter<'_>) {
        match self {
            Some(value) => value.write(out),
            None => out.null(),
        }
    }
}

impl ToValue for bool {
    fn write(&self, out: &mut ValueWriter<'_>) {
        out.bool(*self);
    }
}

macro_rules! integers {
    ($($ty:ty)*) => {$(
        impl ToValue for $ty {
            fn write(&self, out: &mut ValueWriter<'_>) {
                out.integer((*self).into());
            }
        }
    )*};
}
integers!(i8 i16 i32 i64 u8 u16 u32 u64);

impl ToValue for f64 {
    fn write(&self, out: &mut ValueWriter<'_>) {
        out.float(*self);
    }
}

impl ToValue for f32 {
    fn write(&self, out: &mut ValueWriter<'_>) {
        out.float32(*self);
    }
}

impl ToValue for str {
    fn write(&self, out: &mut ValueWriter<'_>) {
        out.text(self);
    }
}

impl ToValue for String {
    fn write(&self, out: &mut ValueWriter<'_>) {
        out.text(self);
    }
}

impl ToValue for Cow<'_, str> {
    fn write(&self, out: &mut ValueWriter<'_>) {
        out.text(self);
    }
}

impl ToValue for char {
    fn write(&self, out: &mut ValueWriter<'_>) {
        out.text(self.encode_utf8(&mut [0; 4]));
    }
}

impl ToValue for Decimal {
    fn write(&self, out: &mut ValueWriter<'_>) {
        out.number(self);
    }
}

impl ToValue for Uuid {
    fn write(&self, out: &mut ValueWriter<'_>) {
        out.text(self.hyphenated().encode_lower(&mut Uuid::encode_buffer()));
    }
}

impl ToValue for NaiveDate {
    fn write(&self, out: &mut ValueWriter<'_>) {
        out.date(*self);
    }
}

impl ToValue for NaiveTime {
    fn write(&self, out: &mut ValueWriter<'_>) {
        out.display(&self.format("%H:%M:%S%.f"));
    }
}

impl ToValue for NaiveDateTime {
    fn write(&self, out: &mut ValueWriter<'_>) {
        out.timestamp(*self, "");
    }
}

impl<Tz: TimeZone> ToValue for DateTime<Tz> {
    fn write(&self, out: &mut ValueWriter<'_>) {
        out.timestamp(self.naive_utc(), "+00:00");
    }
}

impl ToValue for TimeDelta {
    fn write(&self, out: &mut ValueWriter<'_>) {
        // PostgreSQL wants the sign at the number; chrono puts it before the whole.
        let nanos = i128::from(self.num_seconds()) * 1_000_000_000 + i128::from(self.subsec_nanos());
        let (sign, nanos) = (if nanos < 0 { "-" } else { "" }, nanos.unsigned_abs());
        let (seconds, rest) = (nanos / 1_000_000_000, nanos % 1_000_000_000);
        if rest == 0 {
            out.display(&format_args!("PT{sign}{seconds}S"));
        } else {
            out.display(&format_args!("PT{sign}{seconds}.{rest:09}S"));
        }
    }
}

impl ToValue for types::JsonValue {
    fn write(&self, out: &mut ValueWriter<'_>) {
        out.json(self);
    }
}

impl<T: Serialize> ToValue for types::Json<T> {
    fn write(&self, out: &mut ValueWriter<'_>) {
        out.json(&self.0);
    }
}

impl ToValue for types::Bytea {
    fn write(&self, out: &mut ValueWriter<'_>) {
        out.display(self);
    }
}

impl<T: ToValue> ToValue for types::PgRange<T> {
    fn write(&self, out: &mut ValueWriter<'_>) {
        out.range(self.as_bounds());
    }
}

impl<T: ToValue> ToValue for types::PgMultirange<T> {
    fn write(&self, out: &mut ValueWriter<'_>) {
        out.multirange(self.0.iter().map(types::PgRange::as_bounds));
    }
}

impl ToValue for types::Literal<'_> {
    fn write(&self, out: &mut ValueWriter<'_>) {
        out.text(self.0);
    }
}

impl<V: ToValue> ToValue for [V] {
    fn write(&self, out: &mut ValueWriter<'_>) {
        out.array(self.iter());
    }
}

impl<V: ToValue, const N: usize> ToValue for [V; N] {
    fn write(&self, out: &mut ValueWriter<'_>) {
        out.array(self.iter());
    }
}

impl<V: ToValue> ToValue for Vec<V> {
    fn write(&self, out: &mut ValueWriter<'_>) {
        out.array(self.iter());
    }
}

impl ToValue for types::Hstore {
    fn write(&self, out: &mut ValueWriter<'_>) {
        out.hstore(self);
    }
}

macro_rules! rust_ranges {
    ($($ty:ty),*) => {$(
        impl<V: ToValue> ToValue for $ty {
            fn write(&self, out: &mut ValueWriter<'_>) {
                use std::ops::RangeBounds;
                out.range(Some((self.start_bound(), self.end_bound())));
            }
        }
        impl<S, C, V: ValueFor<S, C>> ValueFor<Range<S>, C> for $ty {}
        impl<S, C, V: ValueFor<S, C>> ElementFor<Range<S>, C> for $ty {}
        impl<S, N, C, V: ValueFor<S, C>> AssignFor<Range<S>, N, C> for $ty {}
        impl<S, W, A, V: ValueFor<S, A>> ArgumentFor<Range<S>, W, A> for $ty {}
    )*};
}
rust_ranges!(
    std::ops::Range<V>,
    std::ops::RangeInclusive<V>,
    std::ops::RangeFrom<V>,
    std::ops::RangeTo<V>,
    std::ops::RangeToInclusive<V>
);

// ---- where values may stand --------------------------------------------------------------------

/// Stamps, for each SQL type, the Rust values that it accepts: as a filter value, an array element,
/// a column's new value and a function's argument.
macro_rules! accepts {
    ($($sql:ty => $($ty:ty),+ ;)+) => {$($(
        impl<C> ValueFor<$sql, C> for $ty {}
        impl<C> ElementFor<$sql, C> for $ty {}
        impl<N, C> AssignFor<$sql, N, C> for $ty {}
        impl<W, A> ArgumentFor<$sql, W, A> for $ty {}
    )+)+};
}

accepts! {
    Bool => bool;
    Int2 => i16, i32, i8, u8;
    Int4 => i32, i16, i8, u16, u8;
    Int8 => i64, i32, i16, i8, u32, u16, u8;
    Oid => u32, i32;
    Float4 => f32, f64, i32, i16;
    Float8 => f64, f32, i64, i32, i16;
    Numeric => Decimal, f64, f32, i64, i32, i16, u32, u64;
    Money => str, String;
    Text => str, String, Cow<'_, str>, Box<str>, char;
    UuidSql => Uuid;
    Date => NaiveDate;
    Time => NaiveTime;
    Timetz => str, String;
    Timestamp => NaiveDateTime;
    Interval => TimeDelta, str, String;
    Json => types::JsonValue;
    Jsonb => types::JsonValue;
    Bytea => types::Bytea;
    Inet => str, String;
    Cidr => str, String;
    Macaddr => str, String;
    Tsvector => str, String;
    Tsquery => str, String;
    Xml => str, String;
    Bit => str, String;
    Geometric => str, String;
    Hstore => types::Hstore;
    Ltree => str, String;
    Vector => str, String, types::PgVector;
    Geo => types::JsonValue, str, String;
    System => str, String;
    Opaque => str, String;
    Unknown => str, String;
}

macro_rules! accepts_generic {
    ($([$($param:tt)*] $sql:ty => $ty:ty $(where [$($bound:tt)*])? ;)+) => {$(
        impl<$($param)*, C> ValueFor<$sql, C> for $ty $(where $($bound)*)? {}
        impl<$($param)*, C> ElementFor<$sql, C> for $ty $(where $($bound)*)? {}
        impl<$($param)*, N, C> AssignFor<$sql, N, C> for $ty $(where $($bound)*)? {}
        impl<$($param)*, W, C> ArgumentFor<$sql, W, C> for $ty $(where $($bound)*)? {}
    )+};
}

accepts_generic! {
    [Tz: TimeZone] Timestamptz => DateTime<Tz>;
    [T: Serialize] Json => types::Json<T>;
    [T: Serialize] Jsonb => types::Json<T>;
    [S, V] Range<S> => types::PgRange<V> where [V: ValueFor<S, C>];
    [S, V] Multirange<S> => types::PgMultirange<V> where [V: ValueFor<S, C>];
    ['t, S] S => types::Literal<'t>;
}

/// Lists of elements are values of an array column; lists of lists are its further dimensions.
macro_rules! accepts_lists {
    ($([$($param:tt)*] $ty:ty;)+) => {$(
        impl<$($param)* S, C, V: ElementFor<S, C>> ValueFor<Array<S>, C> for $ty {}
        impl<$($param)* S, C, V: ElementFor<S, C>> ElementFor<S, C> for $ty {}
        impl<$($param)* S, N, C, V: ElementFor<S, C>> AssignFor<Array<S>, N, C> for $ty {}
        impl<$($param)* S, W, C, V: ElementFor<S, C>> ArgumentFor<Array<S>, W, C> for $ty {}
    )+};
}

accepts_lists! {
    [] [V];
    [] Vec<V>;
    [const LENGTH: usize,] [V; LENGTH];
}

impl<S, C, V: ElementFor<S, C>> ElementFor<S, C> for Option<V> {}

#[diagnostic::do_not_recommend]
impl<S, C, V: ValueFor<S, C> + ?Sized> ValueFor<S, C> for &V {}
#[diagnostic::do_not_recommend]
impl<S, C, V: ElementFor<S, C> + ?Sized> ElementFor<S, C> for &V {}
#[diagnostic::do_not_recommend]
impl<S, N, C, V: AssignFor<S, N, C> + ?Sized> AssignFor<S, N, C> for &V {}
#[diagnostic::do_not_recommend]
impl<S, W, A, V: ArgumentFor<S, W, A> + ?Sized> ArgumentFor<S, W, A> for &V {}

// Not hidden from messages: the inner trait has the sentence.
impl<S, C: AcceptsOption<V>, V: ToValue> ValueFor<S, C> for Option<V> {}

impl<S, C, V: AssignFor<S, NotNull, C>> AssignFor<S, Nullable, C> for Option<V> {}
impl<S, W, A, V: ArgumentFor<S, W, A>> ArgumentFor<S, W, A> for Option<V> {}

/// Emits the value, decode and operator impls of a generated enum. Used by generated code.
#[doc(hidden)]
#[macro_export]
macro_rules! impl_enum {
    ($ty:ty) => {
        impl $crate::schema::ToValue for $ty {
            fn write(&self, out: &mut $crate::__private::ValueWriter<'_>) {
                out.text($crate::schema::PgEnum::label(self));
            }
        }
        impl $crate::__private::Decode for $ty {
            fn decode(
                json: &mut $crate::__private::JsonReader<'_>,
            ) -> ::core::result::Result<Self, $crate::__private::DecodeError> {
                let label = json.string()?;
                ::core::result::Result::Ok(<$ty as $crate::schema::PgEnum>::from_label(&label))
            }
        }
        impl $crate::__private::AsOption for $ty {
            type Option = ::core::option::Option<$ty>;
        }
        impl ::core::fmt::Display for $ty {
            fn fmt(&self, out: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                out.write_str($crate::schema::PgEnum::label(self))
            }
        }
        impl ::core::convert::From<&::core::primitive::str> for $ty {
            fn from(label: &::core::primitive::str) -> Self {
                <$ty as $crate::schema::PgEnum>::from_label(label)
            }
        }
        impl ::core::str::FromStr for $ty {
            type Err = ::core::convert::Infallible;
            fn from_str(label: &::core::primitive::str) -> ::core::result::Result<Self, Self::Err> {
                ::core::result::Result::Ok(<$ty as $crate::schema::PgEnum>::from_label(label))
            }
        }
        impl $crate::__private::serde::Serialize for $ty {
            fn serialize<S: $crate::__private::serde::Serializer>(
                &self,
                serializer: S,
            ) -> ::core::result::Result<S::Ok, S::Error> {
                serializer.serialize_str($crate::schema::PgEnum::label(self))
            }
        }
        impl<'de> $crate::__private::serde::Deserialize<'de> for $ty {
            fn deserialize<D: $crate::__private::serde::Deserializer<'de>>(
                deserializer: D,
            ) -> ::core::result::Result<Self, D::Error> {
                $crate::__private::deserialize_label(deserializer)
            }
        }
        $crate::__value_places!($crate::schema::sql::Enum<$ty> => $ty);
    };
}

/// Emits the value and decode impls of a generated composite. Used by generated code.
#[doc(hidden)]
#[macro_export]
macro_rules! impl_composite {
    ($ty:ty) => {
        impl $crate::schema::ToValue for $ty {
            fn write(&self, out: &mut $crate::__private::ValueWriter<'_>) {
                out.composite(|object| $crate::schema::PgComposite::write(self, object));
            }
        }
        impl $crate::__private::Decode for $ty {
            fn decode(
                json: &mut $crate::__private::JsonReader<'_>,
            ) -> ::core::result::Result<Self, $crate::__private::DecodeError> {
                json.object(<$ty as $crate::schema::PgComposite>::decode)
            }
        }
        $crate::__value_places!($crate::schema::sql::Composite<$ty> => $ty);
    };
}

/// Emits the value and decode impls of a generated domain: those of its base. Used by generated code.
#[doc(hidden)]
#[macro_export]
macro_rules! impl_domain {
    ($ty:ty, $base:ty) => {
        impl $crate::schema::ToValue for $ty {
            fn write(&self, out: &mut $crate::__private::ValueWriter<'_>) {
                $crate::schema::ToValue::write(&self.0, out);
            }
        }
        impl $crate::__private::Decode for $ty {
            fn decode(
                json: &mut $crate::__private::JsonReader<'_>,
            ) -> ::core::result::Result<Self, $crate::__private::DecodeError> {
                <$base as $crate::__private::Decode>::decode(json).map(Self)
            }
        }
        impl $crate::__private::AsOption for $ty {
            type Option = ::core::option::Option<$ty>;
        }
        impl ::core::convert::From<$base> for $ty {
            fn from(base: $base) -> Self {
                Self(base)
            }
        }
        $crate::__domain_places!($ty, $base);
    };
}

/// Where its base may stand a domain may, too.
#[doc(hidden)]
#[macro_export]
macro_rules! __domain_places {
    ($ty:ty, $base:ty) => {
        #[diagnostic::do_not_recommend]
        impl<S, C> $crate::schema::ValueFor<S, C> for $ty where $base: $crate::schema::ValueFor<S, C> {}
        #[diagnostic::do_not_recommend]
        impl<S, C> $crate::schema::ElementFor<S, C> for $ty where $base: $crate::schema::ElementFor<S, C> {}
        #[diagnostic::do_not_recommend]
        impl<S, N, C> $crate::schema::AssignFor<S, N, C> for $ty where $base: $crate::schema::AssignFor<S, N, C> {}
        #[diagnostic::do_not_recommend]
        impl<S, W, A> $crate::schema::ArgumentFor<S, W, A> for $ty where $base: $crate::schema::ArgumentFor<S, W, A> {}
    };
}

/// The four places that a value may stand in.
#[doc(hidden)]
#[macro_export]
macro_rules! __value_places {
    ($sql:ty => $ty:ty) => {
        impl<C> $crate::schema::ValueFor<$sql, C> for $ty {}
        impl<C> $crate::schema::ElementFor<$sql, C> for $ty {}
        impl<N, C> $crate::schema::AssignFor<$sql, N, C> for $ty {}
        impl<W, A> $crate::schema::ArgumentFor<$sql, W, A> for $ty {}
    };
}

impl ToValue for types::PgVector {
    fn write(&self, out: &mut ValueWriter<'_>) {
        out.vector(&self.0);
    }
}
