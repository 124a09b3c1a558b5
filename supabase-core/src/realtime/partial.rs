//! A row of which not every column was sent.

use std::collections::BTreeMap;
use std::fmt;

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::decode::{Decode, DecodeError, decode_value};
use crate::schema::Column;

/// One column of a [`PartialRow`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cell<T> {
    /// It was not sent.
    Absent,
    /// It is NULL.
    Null,
    /// It has a value.
    Value(T),
}

impl<T> Cell<T> {
    /// The value, if there is one.
    pub fn value(self) -> Option<T> {
        match self {
            Self::Value(value) => Some(value),
            Self::Absent | Self::Null => None,
        }
    }
}

/// Some columns of a row, by name: the old row of an update or a delete, which has the key's columns
/// only unless the table has `REPLICA IDENTITY FULL`; and a new row that lacks a column, since the
/// server leaves out what the role may not select and what is too large.
#[derive(Clone, Default)]
pub struct PartialRow {
    columns: BTreeMap<String, Box<RawValue>>,
}

impl fmt::Debug for PartialRow {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_map().entries(self.columns.iter().map(|(name, value)| (name, value.get()))).finish()
    }
}

impl PartialEq for PartialRow {
    fn eq(&self, other: &Self) -> bool {
        self.columns.len() == other.columns.len()
            && self.columns.iter().zip(&other.columns).all(|((a, x), (b, y))| a == b && x.get() == y.get())
    }
}

impl<'de> Deserialize<'de> for PartialRow {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        BTreeMap::deserialize(deserializer).map(|columns| Self { columns })
    }
}

impl PartialRow {
    /// A generated column.
    ///
    /// # Errors
    /// Fails when the column holds JSON that its type cannot hold.
    pub fn get<C>(&self, column: C) -> Result<Cell<C::Ty>, DecodeError>
    where
        C: Column,
        C::Ty: Decode,
    {
        let _ = column;
        self.get_by_name(C::NAME)
    }

    /// A column by its name.
    ///
    /// # Errors
    /// Fails when the column holds JSON that `T` cannot hold.
    pub fn get_by_name<T: Decode>(&self, name: &str) -> Result<Cell<T>, DecodeError> {
        match self.columns.get(name).map(|value| value.get()) {
            None => Ok(Cell::Absent),
            Some("null") => Ok(Cell::Null),
            Some(json) => decode_value(json.as_bytes()).map(Cell::Value).map_err(|error| error.in_column(name)),
        }
    }

    /// A column's JSON text, where it was sent.
    #[must_use]
    pub fn raw(&self, name: &str) -> Option<&str> {
        self.columns.get(name).map(|value| value.get())
    }

    /// The names of the columns that were sent.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.columns.keys().map(String::as_str)
    }
}
