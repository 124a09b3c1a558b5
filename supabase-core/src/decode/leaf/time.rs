//! `date`, `time`, `timestamp` and `timestamptz`.
//!
//! PostgreSQL prints them in one format: four digits of a year or more, fractions of up to six
//! digits without trailing zeros, an offset of hours with minutes and seconds where it has some,
//! and ` BC` behind everything. In JSON a `T` stands between date and time, in ranges a space.

use chrono::{DateTime, FixedOffset, NaiveDate, NaiveDateTime, NaiveTime, Utc};

use super::AS_TEXT;
use crate::decode::{Decode, DecodeError, DecodeText, JsonReader};

/// A value that starts the given text; the text then starts behind it. `None` leaves the text
/// anywhere.
type Parse<T> = fn(&mut &[u8]) -> Option<T>;

macro_rules! times {
    ($($ty:ty: $parse:ident, $expected:literal;)+) => {$(
        impl Decode for $ty {
            #[inline]
            fn decode(json: &mut JsonReader<'_>) -> Result<Self, DecodeError> {
                json.peek();
                // Straight from the answer: none of the characters is ever escaped.
                if let [b'"', text @ ..] = json.rest() {
                    let mut text = text;
                    if let Some(value) = $parse(&mut text)
                        && let [b'"', rest @ ..] = text
                    {
                        json.continue_at(rest);
                        return Ok(value);
                    }
                }
                unusual(json, $parse, $expected)
            }
        }

        impl DecodeText for $ty {
            fn decode_text(text: &str) -> Result<Self, DecodeError> {
                whole($parse, text).ok_or_else(|| DecodeError::expected($expected, text).with_remedy(remedy(text)))
            }
        }
    )+};
}
times! {
    NaiveDate: date, "a date such as `2024-03-03`";
    NaiveTime: time, "a time such as `06:00:00`";
    NaiveDateTime: timestamp, "a timestamp without time zone such as `2024-03-03T06:00:00`";
    DateTime<Utc>: moment, "a timestamp with time zone such as `2024-03-03T06:00:00+00:00`";
}

/// Escaped spellings, and mistakes.
#[cold]
fn unusual<T>(json: &mut JsonReader<'_>, parse: Parse<T>, expected: &'static str) -> Result<T, DecodeError> {
    let mut ahead = json.fork();
    let Ok(text) = ahead.string() else { return Err(json.unexpected(expected)) };
    match whole(parse, &text) {
        Some(value) => {
            json.go_to(ahead.place());
            Ok(value)
        }
        None => Err(json.unexpected(expected).with_remedy(remedy(&text))),
    }
}

fn whole<T>(parse: Parse<T>, text: &str) -> Option<T> {
    let mut text = text.as_bytes();
    parse(&mut text).filter(|_| text.is_empty())
}

/// Values that PostgreSQL has and chrono has not.
fn remedy(text: &str) -> Option<String> {
    let reason = match text {
        "infinity" | "-infinity" => "has no place in a calendar",
        _ if text.starts_with("24:00:00") => "is the end of the day, which `NaiveTime` does not know",
        _ if year_and_date(&mut text.as_bytes()).is_some_and(|(year, ..)| year > 262_142) => {
            "is past the years that chrono knows"
        }
        _ => return None,
    };
    Some(format!("`{text}` {reason}; {AS_TEXT}"))
}

fn date(text: &mut &[u8]) -> Option<NaiveDate> {
    let (year, month, day) = year_and_date(text)?;
    NaiveDate::from_ymd_opt(astronomical(year, text), month, day)
}

fn timestamp(text: &mut &[u8]) -> Option<NaiveDateTime> {
    let (year, month, day, time) = date_and_time(text)?;
    Some(NaiveDate::from_ymd_opt(astronomical(year, text), month, day)?.and_time(time))
}

fn moment(text: &mut &[u8]) -> Option<DateTime<Utc>> {
    let (year, month, day, time) = date_and_time(text)?;
    let offset = offset(text)?;
    let local = NaiveDate::from_ymd_opt(astronomical(year, text), month, day)?.and_time(time);
    let moment = if offset == 0 { local } else { local.checked_sub_offset(FixedOffset::east_opt(offset)?)? };
    Some(moment.and_utc())
}

#[inline]
fn date_and_time(text: &mut &[u8]) -> Option<(i32, u32, u32, NaiveTime)> {
    let (year, month, day) = year_and_date(text)?;
    let [b'T' | b' ', rest @ ..] = text else { return None };
    *text = rest;
    Some((year, month, day, time(text)?))
}

/// The year before 1 is 1 BC to PostgreSQL and 0 to chrono.
#[inline]
fn astronomical(year: i32, text: &mut &[u8]) -> i32 {
    match text {
        [b' ', b'B', b'C', rest @ ..] => {
            *text = rest;
            1 - year
        }
        _ => year,
    }
}

#[inline]
fn year_and_date(text: &mut &[u8]) -> Option<(i32, u32, u32)> {
    let year = if let [a, b, c, d, b'-', ..] = text {
        let year = pair(*a, *b)? * 100 + pair(*c, *d)?;
        *text = text.get(4..)?;
        year
    } else {
        long_year(text)?
    };
    let [b'-', a, b, b'-', c, d, rest @ ..] = text else { return None };
    *text = rest;
    Some((year as i32, pair(*a, *b)?, pair(*c, *d)?))
}

/// Years after 9999, of which PostgreSQL prints up to seven digits.
#[cold]
fn long_year(text: &mut &[u8]) -> Option<u32> {
    let length = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let digits = text.get(..length).filter(|_| (5..=7).contains(&length))?;
    *text = text.get(length..)?;
    std::str::from_utf8(digits).ok()?.parse().ok()
}

#[inline]
fn time(text: &mut &[u8]) -> Option<NaiveTime> {
    let [a, b, b':', c, d, b':', e, f, rest @ ..] = text else { return None };
    let (hour, minute, second) = (pair(*a, *b)?, pair(*c, *d)?, pair(*e, *f)?);
    *text = rest;
    let nanosecond = match rest {
        [b'.', digits @ ..] => fraction(digits, text)?,
        _ => 0,
    };
    NaiveTime::from_hms_nano_opt(hour, minute, second, nanosecond)
}

/// One to nine digits behind the point, as nanoseconds.
#[inline]
fn fraction<'t>(digits: &'t [u8], text: &mut &'t [u8]) -> Option<u32> {
    const POWERS: [u32; 10] = [0, 100_000_000, 10_000_000, 1_000_000, 100_000, 10_000, 1_000, 100, 10, 1];
    let mut value: u32 = 0;
    let mut length = 0;
    while let Some(digit) = digits.get(length).map(|byte| byte.wrapping_sub(b'0')).filter(|digit| *digit < 10) {
        if length == 9 {
            return None;
        }
        value = value * 10 + u32::from(digit);
        length += 1;
    }
    *text = digits.get(length..)?;
    if length == 0 { None } else { Some(value * POWERS.get(length)?) }
}

/// Seconds east of Greenwich: `Z`, `+00`, `+05:30`, `-00:01:15`.
#[inline]
fn offset(text: &mut &[u8]) -> Option<i32> {
    let (sign, mut rest) = match text {
        // What a server in UTC sends.
        [b'+', b'0', b'0', b':', b'0', b'0', rest @ ..] if !rest.starts_with(b":") => {
            *text = rest;
            return Some(0);
        }
        [b'Z', rest @ ..] => {
            *text = rest;
            return Some(0);
        }
        [b'+', rest @ ..] => (1, rest),
        [b'-', rest @ ..] => (-1, rest),
        _ => return None,
    };
    let [a, b, after @ ..] = rest else { return None };
    let mut seconds = pair(*a, *b)? * 3600;
    rest = after;
    let mut unit = 60;
    while let [b':', a, b, after @ ..] = rest
        && unit > 0
    {
        let value = pair(*a, *b).filter(|value| *value < 60)?;
        seconds += value * unit;
        unit /= 60;
        rest = after;
    }
    *text = rest;
    Some(sign * seconds as i32)
}

/// Two digits.
#[inline]
fn pair(tens: u8, ones: u8) -> Option<u32> {
    let (tens, ones) = (tens.wrapping_sub(b'0'), ones.wrapping_sub(b'0'));
    (tens < 10 && ones < 10).then_some(u32::from(tens) * 10 + u32::from(ones))
}
