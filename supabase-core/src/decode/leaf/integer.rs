//! `smallint`, `integer`, `bigint` and `oid`.

use std::fmt::Display;
use std::str::FromStr;

use crate::decode::{Decode, DecodeError, DecodeText, JsonReader};

macro_rules! integers {
    ($($ty:ty),+) => {$(
        impl Decode for $ty {
            #[inline]
            fn decode(json: &mut JsonReader<'_>) -> Result<Self, DecodeError> {
                let place = json.place();
                if let Some((negative, magnitude)) = json.simple_integer() {
                    let value = if negative {
                        0_i64.checked_sub_unsigned(magnitude).and_then(|value| Self::try_from(value).ok())
                    } else {
                        Self::try_from(magnitude).ok()
                    };
                    if let Some(value) = value {
                        return Ok(value);
                    }
                }
                json.go_to(place);
                unusual(json, Self::MIN, Self::MAX)
            }
        }

        impl DecodeText for $ty {
            fn decode_text(text: &str) -> Result<Self, DecodeError> {
                text.parse().map_err(|_| DecodeError::expected(expected(Self::MIN, Self::MAX), text))
            }
        }
    )+};
}
integers!(i8, i16, i32, i64, u8, u16, u32, u64);

fn expected<T: Display>(min: T, max: T) -> String {
    format!("an integer from {min} to {max}")
}

/// Integers of twenty digits, integers in quotes (`oid` is sent as a string), and mistakes.
#[cold]
fn unusual<T: FromStr + Display>(json: &mut JsonReader<'_>, min: T, max: T) -> Result<T, DecodeError> {
    let mut ahead = json.fork();
    let parsed = match ahead.peek() {
        Some(b'"') => ahead.string().ok().filter(|text| is_integer(text)).and_then(|text| text.parse().ok()),
        _ => ahead.number().ok().and_then(|token| token.parse().ok()),
    };
    match parsed {
        Some(value) => {
            json.go_to(ahead.place());
            Ok(value)
        }
        None => Err(json.unexpected(expected(min, max))),
    }
}

/// Rust parses `+1` too, which PostgreSQL never prints.
fn is_integer(text: &str) -> bool {
    text.strip_prefix('-').unwrap_or(text).bytes().all(|byte| byte.is_ascii_digit())
}
