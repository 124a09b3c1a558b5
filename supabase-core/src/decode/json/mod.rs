//! The pull reader over an answer's text.

mod number;
mod skip;
mod string;

use std::borrow::Cow;

use super::{DecodeError, RowReader};

pub(super) use number::Simple;
#[cfg(feature = "client")]
pub(super) use string::plain_end;

/// How deep objects and arrays may be nested; the limit that `serde_json` has too.
const MAX_DEPTH: u32 = 128;

/// Reads JSON from beginning to end, one value at a time, without building a document.
///
/// The text is UTF-8 already, so strings without escapes are borrowed from it. Every method skips
/// white space before what it reads and leaves the reader behind it.
///
/// ```
/// # use supabase_core::decode::{DecodeError, JsonReader};
/// let mut json = JsonReader::new(r#" [1.50, "two", {"three": [3]}, null] "#);
/// let mut index = 0;
/// json.array(|json| {
///     index += 1;
///     match index {
///         1 => assert_eq!(json.number()?, "1.50"),
///         2 => assert_eq!(json.string()?, "two"),
///         3 => assert_eq!(json.raw_value()?, r#"{"three": [3]}"#),
///         _ => assert!(json.null()),
///     }
///     Ok(())
/// })?;
/// json.end()?;
/// # Ok::<(), DecodeError>(())
/// ```
#[derive(Debug)]
pub struct JsonReader<'a> {
    text: &'a str,
    /// Always on a character boundary: the reader steps over ASCII, and over whole strings.
    at: usize,
    depth: u32,
}

impl<'a> JsonReader<'a> {
    /// Starts at the beginning of `text`.
    #[must_use]
    pub const fn new(text: &'a str) -> Self {
        Self { text, at: 0, depth: 0 }
    }

    /// A reader of a value that was set aside, inside as many objects and arrays as this one is.
    pub(super) const fn aside<'b>(&self, text: &'b str) -> JsonReader<'b> {
        JsonReader { text, at: 0, depth: self.depth }
    }

    /// A second reader at the same place.
    pub(super) const fn fork(&self) -> Self {
        Self { text: self.text, at: self.at, depth: self.depth }
    }

    #[inline]
    pub(super) const fn bytes(&self) -> &'a [u8] {
        self.text.as_bytes()
    }

    /// The bytes from here on.
    #[inline]
    pub(super) fn rest(&self) -> &'a [u8] {
        self.bytes().get(self.at..).unwrap_or_default()
    }

    /// Continues where only `rest`, an end of the text, is left.
    #[inline]
    pub(super) const fn continue_at(&mut self, rest: &[u8]) {
        self.at = self.text.len().saturating_sub(rest.len());
    }

    #[inline]
    pub(super) const fn place(&self) -> usize {
        self.at
    }

    #[inline]
    pub(super) const fn go_to(&mut self, place: usize) {
        self.at = place;
    }

    /// The next byte that is not white space, still to be read; `None` at the end.
    ///
    /// It tells what kind of value comes next: `"`, `{`, `[`, `t`, `f`, `n`, `-` or a digit.
    #[inline]
    pub fn peek(&mut self) -> Option<u8> {
        match self.bytes().get(self.at) {
            // White space and control characters alone are below `!`.
            Some(&byte) if byte > b' ' => Some(byte),
            _ => self.peek_after_space(),
        }
    }

    fn peek_after_space(&mut self) -> Option<u8> {
        while let Some(&byte) = self.bytes().get(self.at) {
            if !matches!(byte, b' ' | b'\n' | b'\r' | b'\t') {
                return Some(byte);
            }
            self.at += 1;
        }
        None
    }

    /// Steps over `byte` if it is next.
    #[inline]
    pub(super) fn take(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    /// Steps over the word if it is next.
    #[inline]
    fn take_word(&mut self, word: &[u8]) -> bool {
        let found = self.rest().starts_with(word);
        if found {
            self.at += word.len();
        }
        found
    }

    /// Reads `true` or `false`.
    ///
    /// # Errors
    /// Fails on anything else.
    #[inline]
    pub fn bool(&mut self) -> Result<bool, DecodeError> {
        match self.peek() {
            Some(b't') if self.take_word(b"true") => Ok(true),
            Some(b'f') if self.take_word(b"false") => Ok(false),
            _ => Err(self.unexpected("true or false")),
        }
    }

    /// Steps over `null` if that is next, and says whether it was.
    #[inline]
    pub fn null(&mut self) -> bool {
        self.peek() == Some(b'n') && self.take_word(b"null")
    }

    /// Reads an object: `read` takes the columns it wants, the others are stepped over.
    ///
    /// # Errors
    /// Fails when this is no object, when `read` fails, and when objects and arrays are nested more
    /// than 128 deep.
    #[inline]
    pub fn object<T>(
        &mut self,
        read: impl FnOnce(&mut RowReader<'a>) -> Result<T, DecodeError>,
    ) -> Result<T, DecodeError> {
        if !self.take(b'{') {
            return Err(self.unexpected("an object"));
        }
        self.descend()?;
        let mut row = RowReader::open(self.fork())?;
        let value = read(&mut row)?;
        self.at = row.close()?;
        self.depth -= 1;
        Ok(value)
    }

    /// Reads an array: `element` is called before each element and reads it.
    ///
    /// # Errors
    /// Fails when this is no array, when `element` fails (the error then names the element), and
    /// when objects and arrays are nested more than 128 deep.
    #[inline]
    pub fn array(&mut self, mut element: impl FnMut(&mut Self) -> Result<(), DecodeError>) -> Result<(), DecodeError> {
        self.elements(|json, index| element(json).map_err(|error| error.in_element(index)))
    }

    /// Like [`array`](Self::array), for callers that name the element themselves.
    #[inline]
    pub(super) fn elements(
        &mut self,
        mut element: impl FnMut(&mut Self, usize) -> Result<(), DecodeError>,
    ) -> Result<(), DecodeError> {
        if !self.take(b'[') {
            return Err(self.unexpected("an array"));
        }
        self.descend()?;
        if !self.take(b']') {
            let mut index = 0;
            loop {
                element(self, index)?;
                index += 1;
                if !self.take(b',') {
                    break;
                }
            }
            if !self.take(b']') {
                return Err(self.unexpected("`,` or `]`"));
            }
        }
        self.depth -= 1;
        Ok(())
    }

    #[inline]
    fn descend(&mut self) -> Result<(), DecodeError> {
        self.depth += 1;
        if self.depth > MAX_DEPTH { Err(too_deep()) } else { Ok(()) }
    }

    /// Reads a string. It is borrowed unless it has escapes.
    ///
    /// # Errors
    /// Fails when this is no string, and on escapes that stand for no character.
    #[inline]
    pub fn string(&mut self) -> Result<Cow<'a, str>, DecodeError> {
        if self.peek() != Some(b'"') {
            return Err(self.unexpected("a string"));
        }
        let start = self.at + 1;
        let end = string::plain_end(self.bytes(), start);
        if self.bytes().get(end) == Some(&b'"') {
            self.at = end + 1;
            Ok(Cow::Borrowed(self.text.get(start..end).unwrap_or_default()))
        } else {
            self.string_with_escapes(start, end)
        }
    }

    #[cold]
    fn string_with_escapes(&mut self, start: usize, end: usize) -> Result<Cow<'a, str>, DecodeError> {
        match string::unescape(self.text, start, end) {
            Ok((string, next)) => {
                self.at = next;
                Ok(Cow::Owned(string))
            }
            Err(expected) => Err(self.unexpected(expected)),
        }
    }

    /// Reads a number and returns it as it is written, every digit.
    ///
    /// # Errors
    /// Fails when this is no number as JSON writes it.
    pub fn number(&mut self) -> Result<&'a str, DecodeError> {
        self.peek();
        let start = self.at;
        match number::token_end(self.bytes(), start) {
            Some(end) => {
                self.at = end;
                Ok(self.text.get(start..end).unwrap_or_default())
            }
            None => Err(self.unexpected("a number")),
        }
    }

    /// Reads a number of few digits and no exponent at once; reads nothing where it is any other.
    #[inline]
    pub(super) fn simple_number(&mut self) -> Option<Simple> {
        self.peek();
        let (number, end) = number::simple(self.bytes(), self.at)?;
        self.at = end;
        Some(number)
    }

    /// Reads an integer below 10¹⁹ at once, its sign apart; reads nothing where it is any other.
    #[inline]
    pub(super) fn simple_integer(&mut self) -> Option<(bool, u64)> {
        self.peek();
        let (negative, magnitude, end) = number::integer(self.bytes(), self.at)?;
        self.at = end;
        Some((negative, magnitude))
    }

    /// Steps over any value and returns its text.
    ///
    /// # Errors
    /// Fails when the value is malformed, or nested more than 128 deep in itself.
    pub fn raw_value(&mut self) -> Result<&'a str, DecodeError> {
        self.peek();
        let start = self.at;
        match skip::value_end(self.bytes(), start) {
            Ok(end) => {
                self.at = end;
                Ok(self.text.get(start..end).unwrap_or_default())
            }
            Err(fault) => Err(self.skip_fault(fault)),
        }
    }

    #[cold]
    fn skip_fault(&self, fault: skip::Fault) -> DecodeError {
        match fault {
            skip::Fault::Deep => too_deep(),
            skip::Fault::Malformed { at, expected } => self.malformed(at, expected),
        }
    }

    /// Checks that nothing but white space is left.
    ///
    /// # Errors
    /// Fails when something is.
    pub fn end(&mut self) -> Result<(), DecodeError> {
        match self.peek() {
            None => Ok(()),
            Some(_) => Err(self.malformed(self.at, "nothing more")),
        }
    }

    /// The error for the value that comes next, which the caller cannot hold.
    ///
    /// For types of one's own that look with [`peek`](Self::peek) before they read.
    #[cold]
    pub fn unexpected(&mut self, expected: impl Into<Cow<'static, str>>) -> DecodeError {
        self.peek();
        if self.rest().starts_with(b"null") {
            return DecodeError::null();
        }
        self.malformed(self.at, expected)
    }

    /// Shows the value at `at`, or what stands there instead of one.
    #[cold]
    pub(super) fn malformed(&self, at: usize, expected: impl Into<Cow<'static, str>>) -> DecodeError {
        let rest = self.text.get(at..).unwrap_or_default();
        if rest.is_empty() {
            return DecodeError::ended(expected);
        }
        let value = skip::value_end(rest.as_bytes(), 0).ok().and_then(|end| rest.get(..end));
        DecodeError::expected(expected, value.unwrap_or(rest))
    }
}

#[cold]
fn too_deep() -> DecodeError {
    DecodeError::custom(format_args!("objects and arrays are nested more than {MAX_DEPTH} deep"))
}
