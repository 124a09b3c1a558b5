//! `json` and `jsonb`.

use serde::de::DeserializeOwned;

use crate::decode::{Decode, DecodeError, JsonReader};
use crate::types::{Json, JsonValue};

impl Decode for JsonValue {
    fn decode(json: &mut JsonReader<'_>) -> Result<Self, DecodeError> {
        document(json)
    }
}

impl<T: DeserializeOwned> Decode for Json<T> {
    fn decode(json: &mut JsonReader<'_>) -> Result<Self, DecodeError> {
        document(json).map(Json)
    }
}

/// The text of the value is handed to `serde_json`, which knows the user's type.
fn document<T: DeserializeOwned>(json: &mut JsonReader<'_>) -> Result<T, DecodeError> {
    let mut ahead = json.fork();
    let text = ahead.raw_value()?;
    match serde_json::from_str(text) {
        Ok(value) => {
            json.go_to(ahead.place());
            Ok(value)
        }
        Err(error) => {
            let expected = format!("a document that is a `{}`", std::any::type_name::<T>());
            Err(json.unexpected(expected).with_remedy(Some(error.to_string())))
        }
    }
}
