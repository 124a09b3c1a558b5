//! `smallint`, `integer`, `bigint` and `oid`.

use std::fmt::Display;
use std::str::FromStr;

use crate::decode::{Decode, DecodeError, DecodeText, JsonReader};

macro_rules! integers {
    ($($ty:ty),+ $(; quoted $quoted:ty)?) => {
        $(integers!(@one $ty, false);)+
        $(integers!(@one $quoted, true);)?
    };
    (@one $ty:ty, $quoted:literal) => {
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
                unusual(json, $quoted, Self::MIN, Self::MAX)
            }
        }

        impl DecodeText for $ty {
            fn decode_text(text: &str) -> Result<Self, DecodeError> {
                text.parse().map_err(|_| DecodeError::expected(expected(text, Self::MIN, Self::MAX), text))
            }
        }
    };
}
// `oid` is the one integer that PostgreSQL puts in quotes: in JSON it has no number type of its own.
integers!(i8, i16, i32, i64, u8, u16, u64; quoted u32);

fn expected<T: Display>(found: &str, min: T, max: T) -> String {
    if is_integer(found) { format!("an integer from {min} to {max}") } else { "an integer".to_owned() }
}

/// Integers of twenty digits, integers in quotes, and mistakes.
#[cold]
fn unusual<T: FromStr + Display>(json: &mut JsonReader<'_>, quoted: bool, min: T, max: T) -> Result<T, DecodeError> {
    let mut ahead = json.fork();
    let text = match ahead.peek() {
        Some(b'"') if quoted => ahead.string().unwrap_or_default(),
        _ => ahead.number().unwrap_or_default().into(),
    };
    match text.parse() {
        Ok(value) if is_integer(&text) => {
            json.go_to(ahead.place());
            Ok(value)
        }
        _ => Err(json.unexpected(expected(&text, min, max))),
    }
}

/// Rust parses `+1` too, which PostgreSQL never prints.
fn is_integer(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())
}
