//! What values are put together to: lists, values that may be NULL, and rows inside rows.

use super::{Decode, DecodeError, JsonReader};
use crate::schema::FromRow;

/// Embedded rows, and rows of a function.
impl<R: FromRow> Decode for R {
    #[inline]
    fn decode(json: &mut JsonReader<'_>) -> Result<Self, DecodeError> {
        json.object(R::decode)
    }
}

/// Arrays of any dimension, and embedded resources.
impl<T: Decode> Decode for Vec<T> {
    #[inline]
    fn decode(json: &mut JsonReader<'_>) -> Result<Self, DecodeError> {
        let mut values = Self::new();
        json.array(|json| {
            values.push(T::decode(json)?);
            Ok(())
        })?;
        Ok(values)
    }
}

/// `None` is NULL.
impl<T: Decode> Decode for Option<T> {
    #[inline]
    fn decode(json: &mut JsonReader<'_>) -> Result<Self, DecodeError> {
        if json.null() { Ok(None) } else { T::decode(json).map(Some) }
    }
}

/// What a function that returns `void` answers: nothing, or a value that nobody wants.
impl Decode for () {
    fn decode(json: &mut JsonReader<'_>) -> Result<Self, DecodeError> {
        match json.peek() {
            None => Ok(()),
            Some(_) => json.raw_value().map(|_| ()),
        }
    }
}
