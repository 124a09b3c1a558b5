//! Text, truth, and every type that is read as its text.

use crate::decode::{Decode, DecodeError, DecodeText, JsonReader};

/// Text, and each type whose value is best kept as PostgreSQL prints it: `interval`, `money`,
/// `inet`, `tsvector`, `bit`, geometry of PostgreSQL, and `numeric` that is longer than `Decimal`,
/// whose number is taken digit by digit.
impl Decode for String {
    #[inline]
    fn decode(json: &mut JsonReader<'_>) -> Result<Self, DecodeError> {
        match json.peek() {
            Some(b'-' | b'0'..=b'9') => json.number().map(Self::from),
            _ => json.string().map(Into::into),
        }
    }
}

impl DecodeText for String {
    fn decode_text(text: &str) -> Result<Self, DecodeError> {
        Ok(text.to_owned())
    }
}

impl Decode for bool {
    #[inline]
    fn decode(json: &mut JsonReader<'_>) -> Result<Self, DecodeError> {
        json.bool()
    }
}
