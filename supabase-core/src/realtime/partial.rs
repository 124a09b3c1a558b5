//! A row of which not every column was sent.

use std::collections::BTreeMap;
use std::fmt;

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::decode::{Decode, DecodeError, decode_row, decode_value};
use crate::schema::{Column, FromPartial};

pub use crate::types::Cell;

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

    /// All columns, as the generated `Partial` of the table (`partial = true` in `supabase-codegen.toml`):
    /// `old.read::<planets::Partial>()?`.
    ///
    /// # Errors
    /// Fails when a column holds JSON that its type cannot hold.
    pub fn read<P: FromPartial>(&self) -> Result<P, DecodeError> {
        let mut object = String::from("{");
        for (name, value) in &self.columns {
            let comma = if object.len() > 1 { "," } else { "" };
            let name = serde_json::Value::from(name.as_str());
            object.push_str(&format!("{comma}{name}:{}", value.get()));
        }
        object.push('}');
        decode_row(object.as_bytes(), P::decode)
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

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a failing test may panic")]
mod tests {
    use super::*;
    use crate::decode::RowReader;
    use crate::schema::{ColumnInfo, Table};

    struct Planets;
    impl Table for Planets {
        const NAME: &'static str = "planets";
        const SCHEMA: &'static str = "public";
        const COLUMNS: &'static [ColumnInfo] = &[];
        const REQUIRED: &'static [&'static str] = &[];
        const PRIMARY_KEY: &'static [&'static str] = &["id"];
    }

    /// As the generator writes it.
    #[derive(Debug, Default, PartialEq)]
    struct Partial {
        id: Cell<i64>,
        name: Cell<String>,
        mass: Cell<f64>,
    }
    impl FromPartial for Partial {
        type Table = Planets;
        fn decode(reader: &mut RowReader<'_>) -> Result<Self, DecodeError> {
            Ok(Self { id: reader.cell("id")?, name: reader.cell("name")?, mass: reader.cell("mass")? })
        }
    }

    #[test]
    fn a_typed_old_row() {
        let row = |json: &str| serde_json::from_str::<PartialRow>(json).unwrap();
        let read = row(r#"{"say \"hi\"":1,"mass":null,"id":3}"#).read::<Partial>().unwrap();
        assert_eq!(read, Partial { id: Cell::Value(3), name: Cell::Absent, mass: Cell::Null });
        assert_eq!(row("{}").read::<Partial>().unwrap(), Partial::default());
        let error = row(r#"{"id":"three"}"#).read::<Partial>().unwrap_err().to_string();
        assert!(error.contains("`id`"), "{error}");
    }
}
