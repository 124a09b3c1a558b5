//! What is written: single rows, lists of rows, updates.

use std::fmt;
use std::marker::PhantomData;

use bytes::Bytes;

use super::encode::{Columns, ObjectWriter, ValueError};
use crate::schema::{AssignFor, Column, InsertRow, SameTable, Table, UpdateRow, Writable};

/// The purpose of values that change rows: any column may be missing.
#[derive(Debug)]
pub enum Changes {}

/// The purpose of values that make a row: `insert!` has checked that every required column is among
/// them.
#[derive(Debug)]
pub enum NewRow {}

/// Column values of one row of `T`: what `update!` makes, and with [`NewRow`] what `insert!` makes.
/// Further columns can be [set](Self::set) at run time.
#[must_use = "values do nothing until they are inserted or updated"]
pub struct Values<T, P = Changes> {
    /// The members of a JSON object, without its braces.
    members: String,
    columns: Vec<&'static str>,
    error: Option<(&'static str, ValueError)>,
    table: PhantomData<fn() -> (T, P)>,
}

impl<T, P> Clone for Values<T, P> {
    fn clone(&self) -> Self {
        Self {
            members: self.members.clone(),
            columns: self.columns.clone(),
            error: self.error.clone(),
            table: PhantomData,
        }
    }
}

impl<T, P> fmt::Debug for Values<T, P> {
    /// The columns that are set; their values may be anything, secrets included.
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_tuple("Values").field(&self.columns).finish()
    }
}

impl<T> Default for Values<T> {
    fn default() -> Self {
        Self::none()
    }
}

impl<T: Table> Values<T> {
    /// No column set yet. Values that are inserted begin with `insert!`.
    pub fn new() -> Self {
        Self::none()
    }
}

impl<T, P> Values<T, P> {
    /// No column set yet; `insert!` sets the required ones.
    #[doc(hidden)]
    pub fn none() -> Self {
        Self { members: String::new(), columns: Vec::new(), error: None, table: PhantomData }
    }
}

impl<T: Table, P> Values<T, P> {
    /// Sets a column: to a value, to NULL (`None`), or not at all (`Omit`).
    pub fn set<C, V>(mut self, _column: C, value: V) -> Self
    where
        C: Column,
        C::Table: SameTable<T, C>,
        C::Write: Writable<C>,
        V: AssignFor<C::Sql, C::Null, C>,
    {
        self.put(C::NAME, &value);
        self
    }

    /// Sets a column if there is a value, and leaves it out otherwise.
    pub fn set_if_some<C, V>(self, column: C, value: Option<V>) -> Self
    where
        C: Column,
        C::Table: SameTable<T, C>,
        C::Write: Writable<C>,
        V: AssignFor<C::Sql, C::Null, C>,
    {
        match value {
            Some(value) => self.set(column, value),
            None => self,
        }
    }

    fn put<V: crate::schema::ToValue>(&mut self, name: &'static str, value: &V) {
        let mut object = ObjectWriter::continued(&mut self.members, &mut self.columns);
        object.set(name, value);
        if let Some(error) = object.take_error() {
            self.error.get_or_insert((name, error));
        }
    }
}

impl<T: Table> InsertRow for Values<T, NewRow> {
    type Table = T;
    fn write(&self, out: &mut ObjectWriter<'_>) {
        out.splice(&self.members, &self.columns, self.error.as_ref().map(|(_, error)| error.clone()));
    }
}

impl<T: Table> UpdateRow for Values<T> {
    type Table = T;
    fn write(&self, out: &mut ObjectWriter<'_>) {
        out.splice(&self.members, &self.columns, self.error.as_ref().map(|(_, error)| error.clone()));
    }
}

/// How much room to make for rows of which the first has this length. The others are as long as it
/// is, more or less; where it is an exception, no more than 16 MiB are asked for in vain.
fn room_for(first: usize, rows: usize) -> usize {
    (first + first / 8).saturating_mul(rows).min(1 << 24)
}

/// A JSON body of rows, and which columns they set.
pub(crate) struct Body {
    pub(crate) json: Bytes,
    /// Every column that some row sets.
    pub(crate) columns: Vec<&'static str>,
    /// The columns that some rows set and others leave out.
    pub(crate) uneven: Vec<&'static str>,
}

pub(crate) fn one<R: ?Sized>(row: &R, write: impl FnOnce(&R, &mut ObjectWriter<'_>)) -> Result<Body, ValueError> {
    let mut json = String::with_capacity(256);
    let mut columns = Vec::new();
    let mut object = ObjectWriter::recording(&mut json, None, &mut columns);
    write(row, &mut object);
    object.finish()?;
    Ok(Body { json: json.into(), columns, uneven: Vec::new() })
}

pub(crate) fn many<R: InsertRow>(rows: impl IntoIterator<Item = R>) -> Result<Body, ValueError> {
    let rows = rows.into_iter();
    let expected = rows.size_hint().0;
    let mut json = String::with_capacity(1024);
    let mut columns = Columns::with_capacity(16);
    let (mut uneven, mut count) = (Vec::new(), 0);
    let mut set = Vec::with_capacity(16);
    json.push('[');
    for row in rows {
        if count > 0 {
            json.push(',');
        }
        if count == 1 {
            json.reserve(room_for(json.len(), expected));
        }
        count += 1;
        let mut object = ObjectWriter::recording(&mut json, Some(&columns), &mut set);
        row.write(&mut object);
        match object.finish_row()? {
            Some(0) => {}
            Some(left_out) => note(&mut uneven, columns.names.iter().rev().take(left_out)),
            None => {
                if count > 1 {
                    let names = &columns.names;
                    note(&mut uneven, names.iter().filter(|name| !set.contains(name)));
                    note(&mut uneven, set.iter().filter(|name| !names.contains(name)));
                }
                for column in set.drain(..) {
                    if !columns.names.contains(&column) {
                        columns.add(column);
                    }
                }
            }
        }
    }
    json.push(']');
    Ok(Body { json: json.into(), columns: columns.names, uneven })
}

/// Adds the names that are not there yet.
fn note<'n>(uneven: &mut Vec<&'static str>, names: impl Iterator<Item = &'n &'static str>) {
    for name in names {
        if !uneven.contains(name) {
            uneven.push(name);
        }
    }
}

impl<'a> ObjectWriter<'a> {
    /// Goes on with members that were written before.
    fn continued(members: &'a mut String, columns: &'a mut Vec<&'static str>) -> Self {
        let first = members.is_empty();
        Self::members(members, first, columns)
    }

    /// Takes over members that were written elsewhere.
    fn splice(&mut self, members: &str, columns: &[&'static str], error: Option<ValueError>) {
        self.raw_members(members, columns);
        if let Some(error) = error {
            self.fail(error);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::room_for;

    #[test]
    fn a_long_first_row_asks_for_no_more_than_there_is() {
        assert_eq!(room_for(100, 10), 1120);
        assert_eq!(room_for(10 << 20, 10_000), 16 << 20);
        assert_eq!(room_for(10 << 20, usize::MAX), 16 << 20);
    }
}
