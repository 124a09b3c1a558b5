//! JSON answers become rows: a pull reader over the answer's text, and the types that read
//! themselves from it.
//!
//! The reader is concrete and PostgREST's. Generated rows ask for their columns in the order in
//! which they selected them, which is the order in which the server sends them, so that a key is
//! compared and never looked up; no document is built in between; `numeric` is read from its
//! digits, whatever features other crates switch on in `serde_json`.
//!
//! ```
//! use supabase_core::decode::{decode_rows, RowReader, DecodeError};
//!
//! let planet = |row: &mut RowReader<'_>| -> Result<(i64, String), DecodeError> {
//!     Ok((row.column("id")?, row.column("name")?))
//! };
//! let planets = decode_rows(br#"[{"id":3,"name":"Earth"}]"#, planet)?;
//! assert_eq!(planets, [(3, String::from("Earth"))]);
//!
//! let error = decode_rows(br#"[{"id":"three","name":"Earth"}]"#, planet).unwrap_err();
//! assert_eq!(
//!     error.to_string(),
//!     r#"row 0, column `id`: expected an integer, found `"three"`"#,
//! );
//! # Ok::<(), DecodeError>(())
//! ```

mod count;
mod error;
mod json;
mod leaf;
mod row;
mod shape;
#[cfg(feature = "client")]
mod split;
mod text;

#[cfg(test)]
mod tests;

#[doc(hidden)]
pub use count::EmbeddedCount;
pub use error::DecodeError;
pub use json::JsonReader;
pub use row::RowReader;
pub use text::DecodeText;

#[cfg(feature = "client")]
pub(crate) use split::Splitter;

/// A Rust type that reads itself from JSON as PostgREST sends it.
///
/// Implemented for the types that columns decode into, for generated rows, enums and composites,
/// and by `#[derive(Value)]` for newtypes.
///
/// ```
/// use supabase_core::decode::{decode_value, Decode, DecodeError, JsonReader};
///
/// #[derive(Debug, PartialEq)]
/// enum Side { Near, Far }
///
/// impl Decode for Side {
///     fn decode(json: &mut JsonReader<'_>) -> Result<Self, DecodeError> {
///         match &*json.string()? {
///             "near" => Ok(Self::Near),
///             "far" => Ok(Self::Far),
///             other => Err(DecodeError::custom(format_args!("no side of the moon is called `{other}`"))),
///         }
///     }
/// }
/// assert_eq!(decode_value::<Side>(br#""far""#)?, Side::Far);
/// # Ok::<(), DecodeError>(())
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be read from an answer of the server",
    label = "no way to decode a `{Self}`",
    note = "use the type that the column decodes into, derive `Value` for a newtype of your own, or `Row` for a struct",
    note = "a json column is read into any `Deserialize` type as `Json<YourType>`"
)]
pub trait Decode: Sized {
    /// Reads one value, all of it, and leaves the reader behind it.
    ///
    /// # Errors
    /// Fails when the JSON is malformed or is none that the type can hold.
    fn decode(json: &mut JsonReader<'_>) -> Result<Self, DecodeError>;
}

/// Reads an answer that is an array of objects, one row each.
///
/// # Errors
/// Fails when the answer is not such an array or a row cannot be read; the error knows which.
pub fn decode_rows<R>(
    body: &[u8],
    decode: fn(&mut RowReader<'_>) -> Result<R, DecodeError>,
) -> Result<Vec<R>, DecodeError> {
    let mut json = JsonReader::new(utf8(body)?);
    let mut rows = Vec::new();
    json.elements(|json, index| match json.object(decode) {
        Ok(row) => {
            rows.push(row);
            Ok(())
        }
        Err(error) => Err(error.in_row(index)),
    })?;
    json.end()?;
    Ok(rows)
}

/// Reads an answer that is one object.
///
/// # Errors
/// Fails when the answer is not one object or cannot be read as the row.
pub fn decode_row<R>(body: &[u8], decode: fn(&mut RowReader<'_>) -> Result<R, DecodeError>) -> Result<R, DecodeError> {
    let mut json = JsonReader::new(utf8(body)?);
    let row = json.object(decode)?;
    json.end()?;
    Ok(row)
}

/// Reads one object of an answer that is an array, whose errors then know which.
#[cfg(feature = "client")]
pub(crate) fn decode_nth_row<R>(
    body: &[u8],
    index: usize,
    decode: fn(&mut RowReader<'_>) -> Result<R, DecodeError>,
) -> Result<R, DecodeError> {
    decode_row(body, decode).map_err(|error| error.in_row(index))
}

/// Reads one value of an answer that is an array, whose errors then know which.
#[cfg(feature = "client")]
pub(crate) fn decode_nth_value<T: Decode>(body: &[u8], index: usize) -> Result<T, DecodeError> {
    decode_value(body).map_err(|error| error.in_row(index))
}

/// Reads an answer that is one value: what a function of the database returns, for example.
///
/// # Errors
/// Fails when the answer is no JSON that `T` can hold.
pub fn decode_value<T: Decode>(body: &[u8]) -> Result<T, DecodeError> {
    let mut json = JsonReader::new(utf8(body)?);
    let value = T::decode(&mut json)?;
    json.end()?;
    Ok(value)
}

/// The whole answer is checked once, so that no string in it has to be.
fn utf8(body: &[u8]) -> Result<&str, DecodeError> {
    std::str::from_utf8(body).map_err(|error| {
        DecodeError::custom(format_args!(
            "the answer is not UTF-8 from byte {} on: something between the client and the server changed it",
            error.valid_up_to()
        ))
    })
}
