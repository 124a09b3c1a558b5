//! `hstore`, which arrives as an object.

use crate::decode::{Decode, DecodeError, JsonReader};
use crate::types::Hstore;

impl Decode for Hstore {
    fn decode(json: &mut JsonReader<'_>) -> Result<Self, DecodeError> {
        json.object(|pairs| {
            let mut store = Self::new();
            while let Some((key, value)) = pairs.next_column()? {
                store.insert(key.into_owned(), value);
            }
            Ok(store)
        })
    }
}
