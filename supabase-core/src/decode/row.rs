//! One JSON object, read column by column.

use std::borrow::Cow;

use super::{Decode, DecodeError, JsonReader};
use crate::types::Cell;

/// Reads the columns of one object.
///
/// Columns that are asked for in the order in which they were sent cost a comparison of their key.
/// In any other order they are found too: what comes before is set aside, unread, until it is
/// asked for. Columns that nobody asks for are ignored. Of two columns with one key, the first that
/// was not taken yet is taken.
///
/// ```
/// # use supabase_core::decode::{decode_row, DecodeError};
/// let moon = decode_row(br#"{"name":"Luna","new_column":[1,2],"id":1}"#, |row| {
///     Ok((row.column::<i64>("id")?, row.column::<String>("name")?))
/// })?;
/// assert_eq!(moon, (1, String::from("Luna")));
/// # Ok::<(), DecodeError>(())
/// ```
#[derive(Debug)]
pub struct RowReader<'a> {
    /// Stands before the quote of the next key, or before the closing brace.
    json: JsonReader<'a>,
    /// What was sent before it was asked for, in the order in which it was sent.
    aside: Vec<Aside<'a>>,
}

#[derive(Debug)]
struct Aside<'a> {
    key: Cow<'a, str>,
    /// Known to be JSON.
    value: &'a str,
}

impl<'a> RowReader<'a> {
    /// Starts behind the opening brace.
    #[inline]
    pub(super) fn open(mut json: JsonReader<'a>) -> Result<Self, DecodeError> {
        match json.peek() {
            Some(b'"' | b'}') => Ok(Self { json, aside: Vec::new() }),
            _ => Err(json.malformed(json.place(), "a key or `}`")),
        }
    }

    /// Steps over the columns that are left and returns the place behind the closing brace.
    #[inline]
    pub(super) fn close(mut self) -> Result<usize, DecodeError> {
        while self.json.peek() != Some(b'}') {
            self.key()?;
            self.json.raw_value()?;
            self.next()?;
        }
        Ok(self.json.place() + 1)
    }

    /// Reads the column `key`.
    ///
    /// # Errors
    /// Fails when the object does not have it, and when it holds JSON that `T` cannot hold.
    #[inline]
    pub fn column<T: Decode>(&mut self, key: &str) -> Result<T, DecodeError> {
        if self.aside.is_empty() && self.take_key(key) {
            return self.value(key);
        }
        self.column_elsewhere(key)?.ok_or_else(|| DecodeError::missing(key))
    }

    /// Reads the column `key` where the object has it: `None` means that it was not sent, which is
    /// not NULL.
    ///
    /// # Errors
    /// Fails when the column holds JSON that `T` cannot hold.
    pub fn column_if_sent<T: Decode>(&mut self, key: &str) -> Result<Option<T>, DecodeError> {
        if self.aside.is_empty() && self.take_key(key) {
            return self.value(key).map(Some);
        }
        self.column_elsewhere(key)
    }

    /// Reads the column `key` of a row of which not every column was sent.
    ///
    /// # Errors
    /// Fails when the column holds JSON that `T` cannot hold.
    pub fn cell<T: Decode>(&mut self, key: &str) -> Result<Cell<T>, DecodeError> {
        Ok(match self.column_if_sent::<Option<T>>(key)? {
            None => Cell::Absent,
            Some(None) => Cell::Null,
            Some(Some(value)) => Cell::Value(value),
        })
    }

    /// Takes the column `key` as the JSON that it is; `None` where the object does not have it.
    ///
    /// Malformed JSON on the way to it makes this `None`, and then fails the object as a whole.
    pub fn raw(&mut self, key: &str) -> Option<&'a str> {
        if let Some(value) = self.take_aside(key) {
            return Some(value);
        }
        while self.json.peek() == Some(b'"') {
            // On an error the reader goes back, so that whoever reads on meets the error again.
            let place = self.json.place();
            let column = self.raw_column();
            let Ok((found, value)) = column else {
                self.json.go_to(place);
                return None;
            };
            if found == key {
                return Some(value);
            }
            self.aside.push(Aside { key: found, value });
        }
        None
    }

    /// The key of the next column that was not taken yet; `None` when all were. The column stays,
    /// until it is taken under that key.
    ///
    /// # Errors
    /// Fails on malformed JSON.
    pub fn next_key(&mut self) -> Result<Option<Cow<'a, str>>, DecodeError> {
        if let Some(aside) = self.aside.first() {
            return Ok(Some(aside.key.clone()));
        }
        if self.json.peek() == Some(b'}') {
            return Ok(None);
        }
        self.json.fork().string().map(Some)
    }

    /// Reads the next column that was not taken yet, whatever its key is.
    ///
    /// # Errors
    /// Fails when it holds JSON that `T` cannot hold.
    pub fn next_column<T: Decode>(&mut self) -> Result<Option<(Cow<'a, str>, T)>, DecodeError> {
        if !self.aside.is_empty() {
            let Aside { key, value } = self.aside.remove(0);
            let value = self.value_aside(&key, value)?;
            return Ok(Some((key, value)));
        }
        if self.json.peek() == Some(b'}') {
            return Ok(None);
        }
        let key = self.key()?;
        let value = self.value(&key)?;
        Ok(Some((key, value)))
    }

    /// Steps over `"key":` if that is exactly what is next.
    #[inline]
    fn take_key(&mut self, key: &str) -> bool {
        let key = key.as_bytes();
        let [b'"', rest @ ..] = self.json.rest() else { return false };
        let Some((found, rest)) = rest.split_at_checked(key.len()) else { return false };
        let [b'"', b':', rest @ ..] = rest else { return false };
        // A key with a quote or a backslash in it is escaped in JSON: what looks like it is not it.
        if found != key || !is_plain(key) {
            return false;
        }
        self.json.continue_at(rest);
        true
    }

    /// Reads the value behind a key.
    #[inline]
    fn value<T: Decode>(&mut self, key: &str) -> Result<T, DecodeError> {
        match T::decode(&mut self.json) {
            Ok(value) => {
                self.next()?;
                Ok(value)
            }
            Err(error) => Err(error.in_column(key)),
        }
    }

    /// Steps from behind a value to the next key or the closing brace.
    #[inline]
    fn next(&mut self) -> Result<(), DecodeError> {
        if let [b',', b'"', ..] = self.json.rest() {
            self.json.go_to(self.json.place() + 1);
            return Ok(());
        }
        self.next_in_space()
    }

    fn next_in_space(&mut self) -> Result<(), DecodeError> {
        if self.json.take(b',') {
            return match self.json.peek() {
                Some(b'"') => Ok(()),
                _ => Err(self.json.malformed(self.json.place(), "a key")),
            };
        }
        match self.json.peek() {
            Some(b'}') => Ok(()),
            _ => Err(self.json.malformed(self.json.place(), "`,` or `}`")),
        }
    }

    /// Reads a key and its colon.
    fn key(&mut self) -> Result<Cow<'a, str>, DecodeError> {
        let key = self.json.string()?;
        if self.json.take(b':') { Ok(key) } else { Err(self.json.malformed(self.json.place(), "`:`")) }
    }

    fn raw_column(&mut self) -> Result<(Cow<'a, str>, &'a str), DecodeError> {
        let key = self.key()?;
        let value = self.json.raw_value()?;
        self.next()?;
        Ok((key, value))
    }

    /// Finds a column that is not the next one.
    #[inline(never)]
    fn column_elsewhere<T: Decode>(&mut self, key: &str) -> Result<Option<T>, DecodeError> {
        if let Some(value) = self.take_aside(key) {
            return self.value_aside(key, value).map(Some);
        }
        while self.json.peek() != Some(b'}') {
            let found = self.key()?;
            if found == key {
                return self.value(key).map(Some);
            }
            let value = self.json.raw_value()?;
            self.next()?;
            self.aside.push(Aside { key: found, value });
        }
        Ok(None)
    }

    fn take_aside(&mut self, key: &str) -> Option<&'a str> {
        let index = self.aside.iter().position(|aside| aside.key == key)?;
        Some(self.aside.remove(index).value)
    }

    fn value_aside<T: Decode>(&self, key: &str, value: &'a str) -> Result<T, DecodeError> {
        let mut json = self.json.aside(value);
        T::decode(&mut json).and_then(|value| json.end().map(|()| value)).map_err(|error| error.in_column(key))
    }
}

/// Whether JSON writes the key as it is. Decided by the compiler where the key is a constant.
#[inline]
const fn is_plain(key: &[u8]) -> bool {
    let mut at = 0;
    while at < key.len() {
        if key[at] == b'"' || key[at] == b'\\' {
            return false;
        }
        at += 1;
    }
    true
}
