//! `numeric`, from its digits.

use rust_decimal::Decimal;

use super::AS_TEXT;
use crate::decode::{Decode, DecodeError, DecodeText, JsonReader};

/// The greatest number of digits behind the point that `Decimal` has room for.
const SCALE: u32 = 28;

/// Every digit is kept, those of `1.50` too. Never by way of a float.
impl Decode for Decimal {
    #[inline]
    fn decode(json: &mut JsonReader<'_>) -> Result<Self, DecodeError> {
        let place = json.place();
        if let Some(number) = json.simple_number()
            && number.scale <= SCALE
        {
            let (low, middle) = (number.mantissa as u32, (number.mantissa >> 32) as u32);
            return Ok(Self::from_parts(low, middle, 0, number.negative, number.scale));
        }
        json.go_to(place);
        long(json)
    }
}

#[cold]
fn long(json: &mut JsonReader<'_>) -> Result<Decimal, DecodeError> {
    let mut ahead = json.fork();
    // In quotes it comes from a cast to text, and as `NaN` or `Infinity`.
    let text = match ahead.peek() {
        Some(b'"') => ahead.string()?,
        _ => match ahead.number() {
            Ok(token) => token.into(),
            Err(_) => return Err(json.unexpected("a number")),
        },
    };
    match parse(&text) {
        Some(value) => {
            json.go_to(ahead.place());
            Ok(value)
        }
        None => Err(json.unexpected(expected(&text)).with_remedy(remedy(&text))),
    }
}

impl DecodeText for Decimal {
    fn decode_text(text: &str) -> Result<Self, DecodeError> {
        parse(text).ok_or_else(|| DecodeError::expected(expected(text), text).with_remedy(remedy(text)))
    }
}

fn parse(text: &str) -> Option<Decimal> {
    if !is_number(text) {
        return None;
    }
    if text.contains(['e', 'E']) { Decimal::from_scientific(text).ok() } else { Decimal::from_str_exact(text).ok() }
}

/// `Decimal` also parses `1_000` and `.5`, which PostgreSQL never prints.
fn is_number(text: &str) -> bool {
    text.starts_with(|first: char| first == '-' || first.is_ascii_digit())
        && text.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'-' | b'+' | b'.' | b'e' | b'E'))
}

/// Whether the text is a value of `numeric`, though none of `Decimal`.
fn is_numeric(text: &str) -> bool {
    is_number(text) || matches!(text, "NaN" | "Infinity" | "-Infinity")
}

fn expected(text: &str) -> &'static str {
    if is_numeric(text) { "a number within the 96 bits and 28 decimal places of `Decimal`" } else { "a number" }
}

fn remedy(text: &str) -> Option<&'static str> {
    is_numeric(text).then_some(AS_TEXT)
}
