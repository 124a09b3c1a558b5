//! Why an answer could not be read, and where in it.

use std::borrow::Cow;
use std::fmt::{self, Display, Write};

/// How much of the offending JSON an error shows, in characters.
const EXCERPT: usize = 80;

/// JSON that a type cannot hold: which row, which column, what was expected and what was found.
///
/// One word wide. Rows and elements are counted from 0, as they are in a `Vec`.
///
/// ```
/// # use supabase_core::decode::decode_value;
/// let error = decode_value::<Vec<bool>>(b"[true,1]").unwrap_err();
/// assert_eq!(error.column(), Some("[1]"));
/// assert_eq!(error.found(), Some("1"));
/// assert_eq!(error.to_string(), "column `[1]`: expected true or false, found `1`");
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct DecodeError(Box<Details>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Details {
    row: Option<usize>,
    /// `moons[2].name`; empty where the value has no column.
    column: String,
    fault: Fault,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Fault {
    /// Other JSON, or no JSON.
    Unexpected { expected: Cow<'static, str>, found: Option<String>, remedy: Option<Cow<'static, str>> },
    /// NULL where the type is no `Option`.
    Null,
    /// The object does not have the column.
    Missing,
    /// What a type of the user's says.
    Custom(String),
}

impl DecodeError {
    /// An error in the words of a type of one's own; the row and the column are added on the way.
    ///
    /// ```
    /// # use supabase_core::decode::DecodeError;
    /// assert_eq!(DecodeError::custom("not a colour").to_string(), "not a colour");
    /// ```
    #[cold]
    pub fn custom(reason: impl Display) -> Self {
        Self::new(Fault::Custom(reason.to_string()))
    }

    /// An error that says what was expected, and shows the beginning of what was found.
    ///
    /// ```
    /// # use supabase_core::decode::DecodeError;
    /// let error = DecodeError::expected("a colour such as `#ff0000`", "blue");
    /// assert_eq!(error.to_string(), "expected a colour such as `#ff0000`, found `blue`");
    /// ```
    #[cold]
    pub fn expected(expected: impl Into<Cow<'static, str>>, found: &str) -> Self {
        Self::new(Fault::Unexpected { expected: expected.into(), found: Some(excerpt(found)), remedy: None })
    }

    #[cold]
    pub(super) fn ended(expected: impl Into<Cow<'static, str>>) -> Self {
        Self::new(Fault::Unexpected { expected: expected.into(), found: None, remedy: None })
    }

    #[cold]
    pub(super) fn null() -> Self {
        Self::new(Fault::Null)
    }

    #[cold]
    pub(super) fn missing(column: &str) -> Self {
        Self::new(Fault::Missing).in_column(column)
    }

    fn new(fault: Fault) -> Self {
        Self(Box::new(Details { row: None, column: String::new(), fault }))
    }

    /// What the user can do about it.
    #[cold]
    pub(super) fn with_remedy(mut self, advice: Option<impl Into<Cow<'static, str>>>) -> Self {
        if let Fault::Unexpected { remedy, .. } = &mut self.0.fault {
            *remedy = advice.map(Into::into);
        }
        self
    }

    /// Puts a column before the path. The error is on its way outwards, so the path grows leftwards.
    #[cold]
    pub(crate) fn in_column(mut self, key: &str) -> Self {
        let path = &mut self.0.column;
        if !path.is_empty() && !path.starts_with('[') {
            path.insert(0, '.');
        }
        path.insert_str(0, key);
        self
    }

    /// Puts an element before the path.
    #[cold]
    pub(super) fn in_element(mut self, index: usize) -> Self {
        let path = &mut self.0.column;
        let dot = if path.is_empty() || path.starts_with('[') { "" } else { "." };
        path.insert_str(0, &format!("[{index}]{dot}"));
        self
    }

    #[cold]
    pub(super) fn in_row(mut self, index: usize) -> Self {
        self.0.row = Some(index);
        self
    }

    /// The row, counted from 0, where the answer is an array of rows.
    #[must_use]
    pub fn row(&self) -> Option<usize> {
        self.0.row
    }

    /// The column, with the way to it: `moons[2].name`.
    #[must_use]
    pub fn column(&self) -> Option<&str> {
        Some(self.0.column.as_str()).filter(|column| !column.is_empty())
    }

    /// The beginning of the JSON that was found, at most 80 characters of it.
    #[must_use]
    pub fn found(&self) -> Option<&str> {
        match &self.0.fault {
            Fault::Unexpected { found, .. } => found.as_deref(),
            Fault::Null => Some("null"),
            Fault::Missing | Fault::Custom(_) => None,
        }
    }

    /// Whether a NULL was found where the type has no room for one.
    #[must_use]
    pub fn is_null(&self) -> bool {
        self.0.fault == Fault::Null
    }

    /// Whether the answer does not have the column.
    #[must_use]
    pub fn is_missing(&self) -> bool {
        self.0.fault == Fault::Missing
    }
}

impl Display for DecodeError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Details { row, column, fault } = &*self.0;
        // The column is the subject of two of the sentences, and the place in the others.
        let is_subject = matches!(fault, Fault::Null | Fault::Missing);
        if let Some(row) = row {
            write!(out, "row {row}{}", if matches!(fault, Fault::Missing) || column.is_empty() { ": " } else { ", " })?;
        }
        if !column.is_empty() {
            write!(out, "column `{column}`{}", if is_subject { "" } else { ": " })?;
        }
        match fault {
            Fault::Unexpected { expected, found, remedy } => {
                write!(out, "expected {expected}, found ")?;
                match found {
                    Some(found) => write!(out, "`{found}`")?,
                    None => out.write_str("the end of the answer")?,
                }
                remedy.as_ref().map_or(Ok(()), |remedy| write!(out, ": {remedy}"))
            }
            Fault::Null => {
                out.write_str(if column.is_empty() { "the value is NULL" } else { " is NULL" })?;
                out.write_str(
                    ", but its type has no room for it: \
                     generate again, or mark it nullable in supabase-codegen.toml",
                )
            }
            Fault::Missing => out.write_str(" is missing from the answer"),
            Fault::Custom(reason) => out.write_str(reason),
        }
    }
}

impl fmt::Debug for DecodeError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("DecodeError(")?;
        Display::fmt(self, out)?;
        out.write_char(')')
    }
}

impl std::error::Error for DecodeError {}

/// At most [`EXCERPT`] characters, the last of them `…` where something was cut.
fn excerpt(text: &str) -> String {
    let Some((cut, _)) = text.char_indices().nth(EXCERPT) else { return text.to_owned() };
    let end = text[..cut].char_indices().next_back().map_or(0, |(at, _)| at);
    format!("{}…", &text[..end])
}
