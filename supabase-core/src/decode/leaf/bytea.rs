//! `bytea`, as PostgreSQL prints it: `\x` and hexadecimal digits.

use crate::decode::{Decode, DecodeError, JsonReader};
use crate::types::{Bytea, hex};

const EXPECTED: &str = "bytes such as `\\xdeadbeef`";

impl Decode for Bytea {
    fn decode(json: &mut JsonReader<'_>) -> Result<Self, DecodeError> {
        json.peek();
        // The backslash is escaped, always in this way, so the digits are read straight from the answer.
        if let Some(digits) = json.rest().strip_prefix(br#""\\x"#)
            && let Some(end) = digits.iter().position(|byte| *byte == b'"')
            && let Some((digits, [_quote, rest @ ..])) = digits.split_at_checked(end)
            && let Some(bytes) = hex(digits)
        {
            json.continue_at(rest);
            return Ok(Self(bytes));
        }
        let mut ahead = json.fork();
        match ahead.string().ok().and_then(|text| hex(text.strip_prefix("\\x")?.as_bytes())) {
            Some(bytes) => {
                json.go_to(ahead.place());
                Ok(Self(bytes))
            }
            None => {
                let advice = (json.peek() == Some(b'"')).then_some("the database needs `bytea_output` = `hex`");
                Err(json.unexpected(EXPECTED).with_remedy(advice))
            }
        }
    }
}
