//! The same dates and times as Rust values of the libraries `time` and `jiff`, by way of chrono's, whose reader of
//! PostgreSQL's format this crate has.

use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, NaiveTime, Timelike, Utc};

use crate::decode::{Decode, DecodeError, DecodeText, JsonReader};
use crate::query::{AsOption, ValueWriter};
use crate::schema::sql;
use crate::schema::{ArgumentFor, AssignFor, ElementFor, ToValue, ValueFor};

/// Reads and writes a type as another one that can be made into it and out of it.
macro_rules! calendar {
    ($($sql:ident => $ty:ty, $by:ty, $read:expr, $write:expr, $what:literal;)+) => {$(
        impl Decode for $ty {
            fn decode(json: &mut JsonReader<'_>) -> Result<Self, DecodeError> {
                let value = <$by as Decode>::decode(json)?;
                let read: fn(&$by) -> Option<$ty> = $read;
                read(&value).ok_or_else(|| out_of_range(&value, $what))
            }
        }
        impl DecodeText for $ty {
            fn decode_text(text: &str) -> Result<Self, DecodeError> {
                let value = <$by as DecodeText>::decode_text(text)?;
                let read: fn(&$by) -> Option<$ty> = $read;
                read(&value).ok_or_else(|| out_of_range(&value, $what))
            }
        }
        impl ToValue for $ty {
            fn write(&self, out: &mut ValueWriter<'_>) {
                let write: fn(&$ty) -> Option<$by> = $write;
                match write(self) {
                    Some(value) => value.write(out),
                    // chrono knows more years than these libraries do.
                    None => out.display(&format_args!("{self:?}")),
                }
            }
        }
        impl AsOption for $ty {
            type Option = Option<$ty>;
        }
        impl<C> ValueFor<sql::$sql, C> for $ty {}
        impl<C> ElementFor<sql::$sql, C> for $ty {}
        impl<N, C> AssignFor<sql::$sql, N, C> for $ty {}
        impl<W, A> ArgumentFor<sql::$sql, W, A> for $ty {}
    )+};
}

fn out_of_range(value: &impl std::fmt::Debug, what: &str) -> DecodeError {
    DecodeError::custom(format_args!("`{value:?}` is past the years that `{what}` knows"))
}

fn small<T: TryFrom<u32>>(number: u32) -> Option<T> {
    T::try_from(number).ok()
}

#[cfg(feature = "time")]
mod of_time {
    use time::{Date, Month, OffsetDateTime, PrimitiveDateTime, Time};

    use super::*;

    fn date(date: &NaiveDate) -> Option<Date> {
        let month = Month::try_from(small::<u8>(date.month())?).ok()?;
        Date::from_calendar_date(date.year(), month, small(date.day())?).ok()
    }

    fn time(time: &NaiveTime) -> Option<Time> {
        let (hour, minute, second) = (small(time.hour())?, small(time.minute())?, small(time.second())?);
        Time::from_hms_nano(hour, minute, second, time.nanosecond() % 1_000_000_000).ok()
    }

    fn of_date(date: &Date) -> Option<NaiveDate> {
        NaiveDate::from_ymd_opt(date.year(), u32::from(u8::from(date.month())), u32::from(date.day()))
    }

    fn of_time(time: &Time) -> Option<NaiveTime> {
        let (hour, minute, second) = (time.hour().into(), time.minute().into(), time.second().into());
        NaiveTime::from_hms_nano_opt(hour, minute, second, time.nanosecond())
    }

    calendar! {
        Date => Date, NaiveDate, date, of_date, "time::Date";
        Time => Time, NaiveTime, time, of_time, "time::Time";
        Timestamp => PrimitiveDateTime, NaiveDateTime,
            |value| Some(PrimitiveDateTime::new(date(&value.date())?, time(&value.time())?)),
            |value| Some(of_date(&value.date())?.and_time(of_time(&value.time())?)),
            "time::PrimitiveDateTime";
        Timestamptz => OffsetDateTime, DateTime<Utc>,
            |value| {
                let nanos = i128::from(value.timestamp()) * 1_000_000_000 + i128::from(value.timestamp_subsec_nanos());
                OffsetDateTime::from_unix_timestamp_nanos(nanos).ok()
            },
            |value| DateTime::from_timestamp(value.unix_timestamp(), value.nanosecond()),
            "time::OffsetDateTime";
    }
}

#[cfg(feature = "jiff")]
mod of_jiff {
    use jiff::Timestamp;
    use jiff::civil::{Date, DateTime as CivilDateTime, Time};

    use super::*;

    fn date(date: &NaiveDate) -> Option<Date> {
        let year = i16::try_from(date.year()).ok()?;
        Date::new(year, small(date.month())?, small(date.day())?).ok()
    }

    fn time(time: &NaiveTime) -> Option<Time> {
        let nanos = i32::try_from(time.nanosecond() % 1_000_000_000).ok()?;
        Time::new(small(time.hour())?, small(time.minute())?, small(time.second())?, nanos).ok()
    }

    fn of_date(date: &Date) -> Option<NaiveDate> {
        let (month, day) = (u32::try_from(date.month()).ok()?, u32::try_from(date.day()).ok()?);
        NaiveDate::from_ymd_opt(date.year().into(), month, day)
    }

    fn of_time(time: &Time) -> Option<NaiveTime> {
        let part = |number: i8| u32::try_from(number).ok();
        let nanos = u32::try_from(time.subsec_nanosecond()).ok()?;
        NaiveTime::from_hms_nano_opt(part(time.hour())?, part(time.minute())?, part(time.second())?, nanos)
    }

    calendar! {
        Date => Date, NaiveDate, date, of_date, "jiff::civil::Date";
        Time => Time, NaiveTime, time, of_time, "jiff::civil::Time";
        Timestamp => CivilDateTime, NaiveDateTime,
            |value| Some(CivilDateTime::from_parts(date(&value.date())?, time(&value.time())?)),
            |value| Some(of_date(&value.date())?.and_time(of_time(&value.time())?)),
            "jiff::civil::DateTime";
        Timestamptz => Timestamp, DateTime<Utc>,
            |value| Timestamp::new(value.timestamp(), i32::try_from(value.timestamp_subsec_nanos()).ok()?).ok(),
            |value| {
                let (seconds, nanos) = (value.as_second(), value.subsec_nanosecond());
                // Before 1970 jiff counts the fraction backwards.
                let (seconds, nanos) = if nanos < 0 { (seconds - 1, nanos + 1_000_000_000) } else { (seconds, nanos) };
                DateTime::from_timestamp(seconds, u32::try_from(nanos).ok()?)
            },
            "jiff::Timestamp";
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a failing test may panic")]
mod tests {
    use super::*;
    use crate::decode::decode_value;

    fn json(value: &impl ToValue) -> String {
        let mut out = String::new();
        value.write(&mut ValueWriter::json_value(&mut out));
        out
    }

    /// What chrono reads is read, and written as chrono writes it.
    fn same<T: Decode + ToValue, By: Decode + ToValue>(texts: &[&str]) {
        for text in texts {
            let quoted = format!("\"{text}\"");
            let value = decode_value::<T>(quoted.as_bytes()).unwrap();
            let by = decode_value::<By>(quoted.as_bytes()).unwrap();
            assert_eq!(json(&value), json(&by), "{text}");
        }
    }

    const DATES: [&str; 4] = ["2024-02-29", "0001-01-01", "9999-12-30", "0044-03-15 BC"];
    const TIMES: [&str; 3] = ["00:00:00", "23:59:59.999999", "06:07:08.5"];
    const STAMPS: [&str; 3] = ["2024-02-29T06:00:00", "1969-12-31T23:59:59.25", "0044-03-15T12:00:00 BC"];
    const MOMENTS: [&str; 4] = [
        "2024-02-29T06:00:00+00:00",
        "1969-12-31T23:59:59.25+00:00",
        "2024-02-29T06:00:00.000001+05:30",
        "0044-03-15T12:00:00+00:00 BC",
    ];

    #[cfg(feature = "time")]
    #[test]
    fn by_time() {
        same::<time::Date, NaiveDate>(&DATES);
        same::<time::Time, NaiveTime>(&TIMES);
        same::<time::PrimitiveDateTime, NaiveDateTime>(&STAMPS);
        same::<time::OffsetDateTime, DateTime<Utc>>(&MOMENTS);
        let error = decode_value::<time::Date>(b"\"12345-01-01\"").unwrap_err().to_string();
        assert!(error.contains("time::Date"), "{error}");
    }

    #[cfg(feature = "jiff")]
    #[test]
    fn by_jiff() {
        same::<jiff::civil::Date, NaiveDate>(&DATES);
        same::<jiff::civil::Time, NaiveTime>(&TIMES);
        same::<jiff::civil::DateTime, NaiveDateTime>(&STAMPS);
        same::<jiff::Timestamp, DateTime<Utc>>(&MOMENTS);
        let error = decode_value::<jiff::Timestamp>(b"\"12345-01-01T00:00:00+00:00\"").unwrap_err().to_string();
        assert!(error.contains("jiff::Timestamp"), "{error}");
    }
}
