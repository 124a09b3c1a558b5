//! `uuid`.

use uuid::Uuid;

use crate::decode::{Decode, DecodeError, DecodeText, JsonReader};

const EXPECTED: &str = "a uuid";
/// Thirty-two digits and four hyphens.
const LENGTH: usize = 36;

impl Decode for Uuid {
    #[inline]
    fn decode(json: &mut JsonReader<'_>) -> Result<Self, DecodeError> {
        json.peek();
        if let [b'"', rest @ ..] = json.rest()
            && let Some((digits, [b'"', rest @ ..])) = rest.split_first_chunk::<LENGTH>()
            && let Ok(uuid) = Self::try_parse_ascii(digits)
        {
            json.continue_at(rest);
            return Ok(uuid);
        }
        let mut ahead = json.fork();
        match ahead.string().ok().and_then(|text| Self::try_parse(&text).ok()) {
            Some(uuid) => {
                json.go_to(ahead.place());
                Ok(uuid)
            }
            None => Err(json.unexpected(EXPECTED)),
        }
    }
}

impl DecodeText for Uuid {
    fn decode_text(text: &str) -> Result<Self, DecodeError> {
        Self::try_parse(text).map_err(|_| DecodeError::expected(EXPECTED, text))
    }
}
