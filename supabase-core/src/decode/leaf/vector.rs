//! `vector` and `halfvec` of pgvector.

use super::AS_TEXT;
use crate::decode::{Decode, DecodeError, JsonReader};
use crate::types::PgVector;

/// A string whose text is an array of numbers; an array itself is taken too.
impl Decode for PgVector {
    fn decode(json: &mut JsonReader<'_>) -> Result<Self, DecodeError> {
        if json.peek() == Some(b'[') {
            return Vec::decode(json).map(Self);
        }
        let mut ahead = json.fork();
        let text = match ahead.string() {
            Ok(text) => text,
            Err(_) => return Err(json.unexpected("a vector such as `[1,2,3]`")),
        };
        match numbers(&text) {
            Ok(numbers) => {
                json.go_to(ahead.place());
                Ok(Self(numbers))
            }
            Err(_) => {
                let sparse = text.starts_with('{').then(|| format!("it is a `sparsevec`; {AS_TEXT}"));
                Err(json.unexpected("a vector such as `[1,2,3]`").with_remedy(sparse))
            }
        }
    }
}

fn numbers(text: &str) -> Result<Vec<f32>, DecodeError> {
    let mut json = JsonReader::new(text);
    let numbers = Vec::decode(&mut json)?;
    json.end()?;
    Ok(numbers)
}
