//! How many related rows there are: what `moons(count)` selects.

use super::{Decode, DecodeError, JsonReader};

/// The count inside an embedded resource, `[{"count": 2}]`. Used by generated code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EmbeddedCount(pub i64);

/// A relation to many is an array of one object, a relation to one the object itself, or NULL where
/// there is no related row to count.
impl Decode for EmbeddedCount {
    fn decode(json: &mut JsonReader<'_>) -> Result<Self, DecodeError> {
        let mut count = 0;
        match json.peek() {
            Some(b'[') => json.array(|json| {
                count += one(json)?;
                Ok(())
            })?,
            _ if json.null() => (),
            _ => count = one(json)?,
        }
        Ok(Self(count))
    }
}

fn one(json: &mut JsonReader<'_>) -> Result<i64, DecodeError> {
    json.object(|row| row.column("count"))
}
