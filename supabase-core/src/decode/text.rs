//! Values in PostgreSQL's own text: the bounds of ranges.

use super::DecodeError;

/// A Rust type that reads itself from the text that PostgreSQL prints for its value.
///
/// JSON has no ranges, so a range arrives as text, `[2024-01-01,2024-02-01)`, and its bounds are
/// read by the type that they are of.
///
/// ```
/// # use supabase_core::decode::{DecodeError, DecodeText};
/// # use supabase_core::types::NaiveDate;
/// assert_eq!(NaiveDate::decode_text("2024-02-29")?, NaiveDate::from_ymd_opt(2024, 2, 29).unwrap());
/// # Ok::<(), DecodeError>(())
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the bound of a range",
    label = "no way to read a `{Self}` from PostgreSQL's text",
    note = "a range of a type of one's own needs `DecodeText`; `String` takes any bound as it is"
)]
pub trait DecodeText: Sized {
    /// Reads the value.
    ///
    /// # Errors
    /// Fails when the text is no value of the type.
    fn decode_text(text: &str) -> Result<Self, DecodeError>;
}
