//! Select lists: how they are written, and what can be selected.

use std::fmt;
use std::marker::PhantomData;

use super::json_path::{JsonStep, push_step};
use super::part::{Selected, Shaped};
use super::{name, percent};
use crate::decode::{DecodeError, RowReader};
use crate::schema::{Column, FromRow, HasRow, Table};

/// Writes a select list into the query string.
pub struct SelectWriter<'a> {
    out: &'a mut String,
    first: bool,
    refusal: Option<String>,
    scratch: String,
}

/// One column of a select list with everything that may be done to it.
#[derive(Debug, Clone, Copy, Default)]
pub struct SelectItem<'a> {
    /// The key in the answer.
    pub alias: Option<&'a str>,
    /// The column's exact name.
    pub column: &'a str,
    /// The path into its json.
    pub json: &'a [JsonStep<'a>],
    /// The type that it is cast to.
    pub cast: Option<&'a str>,
    /// The aggregate over it.
    pub aggregate: Option<&'a str>,
    /// The type that the aggregate is cast to.
    pub aggregate_cast: Option<&'a str>,
}

/// A relationship in a select list.
#[derive(Debug, Clone, Copy)]
pub struct Embed<'a> {
    /// The key in the answer, where it is not the relationship's own name.
    pub alias: Option<&'a str>,
    /// The relationship's own name.
    pub name: &'a str,
    /// The table with its hint, quoted already.
    pub target: &'a str,
    /// The same without the table's name, where the server has a way to say it.
    pub by_key: &'a str,
    /// Whether rows without a related row are left out.
    pub inner: bool,
    /// Whether the columns land in the row around it.
    pub spread: bool,
}

impl<'a> SelectWriter<'a> {
    pub(crate) fn new(out: &'a mut String) -> Self {
        Self { out, first: true, refusal: None, scratch: String::new() }
    }

    pub(crate) fn finish(self) -> Option<String> {
        self.refusal
    }

    #[inline]
    fn next(&mut self) {
        if !std::mem::take(&mut self.first) {
            self.out.push(',');
        }
    }

    fn name(&mut self, name: &str) {
        if name::is_plain(name) {
            self.out.push_str(name);
        } else {
            self.quoted_name(name);
        }
    }

    fn quoted_name(&mut self, name: &str) {
        if name.contains('\0') {
            self.refusal.get_or_insert_with(|| "a selected name holds a NUL character".to_owned());
        }
        self.scratch.clear();
        name::push(&mut self.scratch, name);
        percent::encode(self.out, &self.scratch);
    }

    fn alias(&mut self, alias: &str) {
        self.name(alias);
        self.out.push(':');
    }

    /// `*`: every column.
    pub fn all(&mut self) {
        self.next();
        self.out.push('*');
    }

    /// A select list as the user wrote it, in the untyped builder.
    pub(crate) fn literal(&mut self, list: &str) {
        self.next();
        percent::encode(self.out, list);
    }

    /// A column.
    #[inline]
    pub fn column(&mut self, name: &str) {
        self.next();
        self.name(name);
    }

    /// A column under another key.
    pub fn column_as(&mut self, alias: &str, name: &str) {
        self.next();
        self.alias(alias);
        self.name(name);
    }

    /// A column with a json path, a cast or an aggregate.
    pub fn item(&mut self, item: SelectItem<'_>) {
        self.next();
        if let Some(alias) = item.alias {
            self.alias(alias);
        }
        self.name(item.column);
        self.scratch.clear();
        for step in item.json {
            push_step(&mut self.scratch, *step);
        }
        percent::encode(self.out, &self.scratch);
        self.cast(item.cast);
        if let Some(aggregate) = item.aggregate {
            self.out.push('.');
            self.out.push_str(aggregate);
            self.out.push_str("()");
            self.cast(item.aggregate_cast);
        }
    }

    fn cast(&mut self, cast: Option<&str>) {
        if let Some(cast) = cast {
            self.out.push_str("::");
            percent::encode(self.out, cast);
        }
    }

    /// `count()`: the number of rows.
    pub fn count(&mut self, alias: Option<&str>) {
        self.next();
        if let Some(alias) = alias {
            self.alias(alias);
        }
        self.out.push_str("count()");
    }

    /// A relationship with a select list of its own.
    pub fn embed(&mut self, embed: Embed<'_>, list: impl FnOnce(&mut SelectWriter<'_>)) {
        self.next();
        if embed.spread {
            self.out.push_str("...");
            percent::encode(self.out, embed.target);
        } else {
            self.relation(embed.alias, embed.name, embed.target, embed.by_key);
        }
        if embed.inner {
            self.out.push_str("!inner");
        }
        self.out.push('(');
        self.first = true;
        list(self);
        self.first = false;
        self.out.push(')');
    }

    /// The relation behind its key in the answer. Servers before PostgREST 16 take a table's name for
    /// every embed of that table, whatever its key is: under any other key the table is not named,
    /// so that filters for an embed that has the table's name reach that one alone.
    fn relation(&mut self, alias: Option<&str>, name: &str, target: &str, by_key: &str) {
        let key = alias.unwrap_or(name);
        // Nearly always. A quote at the start could be the name's own.
        let rest = target.strip_prefix(key);
        if alias.is_none() && rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('!')) && !key.starts_with('"')
        {
            return percent::encode(self.out, target);
        }
        self.scratch.clear();
        name::push(&mut self.scratch, key);
        let is_said_by = |relation: &str| relation.split('!').next() == Some(self.scratch.as_str());
        if alias.is_none() && is_said_by(target) {
            return percent::encode(self.out, target);
        }
        if !is_said_by(by_key) {
            percent::encode(self.out, &self.scratch);
            self.out.push(':');
        }
        percent::encode(self.out, by_key);
    }

    /// `moons(count)`: the number of related rows, in the form that hosted projects allow by
    /// default.
    pub fn embed_count(&mut self, alias: Option<&str>, name: &str, target: &str, by_key: &str) {
        self.next();
        self.relation(alias, name, target, by_key);
        self.out.push_str("(count)");
    }
}

/// What `.select(..)` takes over the table `T`: [`All`], a column, a tuple of columns,
/// `Card::columns()`, or `select!(planets { .. })`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a selection of `{T}`",
    label = "expected columns of `{T}`",
    note = "select `All` (unless rows are switched off for the table), a tuple such as `(planets::id, planets::name)`, `Card::columns()`, or `select!(planets {{ id, moons {{ name }} }})`",
    note = "a select list in a string belongs to the untyped builder: `.from(\"planets\").select(\"id, name\")`"
)]
pub trait Selection<T> {
    /// What one row is read into.
    type Row: 'static;
    /// What it is made of, for [`PartsOf`](super::PartsOf): whether all of it is of the table that is read.
    type Parts;
    /// Writes the select list.
    fn write(&self, out: &mut SelectWriter<'_>);
    /// Reads one row.
    ///
    /// # Errors
    /// Fails when a column is missing or holds JSON that its type cannot hold.
    fn decode(reader: &mut RowReader<'_>) -> Result<Self::Row, DecodeError>;
}

/// Every column: rows are the table's generated `Row`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct All;

impl<T: HasRow> Selection<T> for All {
    type Row = T::Row;
    type Parts = ();
    fn write(&self, out: &mut SelectWriter<'_>) {
        T::Row::select(out);
    }
    fn decode(reader: &mut RowReader<'_>) -> Result<Self::Row, DecodeError> {
        T::Row::decode(reader)
    }
}

/// The columns that the row struct `R` names: what `Card::columns()` gives.
pub struct Columns<R>(PhantomData<fn() -> R>);

impl<R> Columns<R> {
    /// The columns of `R`.
    #[must_use]
    pub const fn new() -> Self {
        Self(PhantomData)
    }
}

impl<R> Default for Columns<R> {
    fn default() -> Self {
        Self::new()
    }
}

impl<R> Clone for Columns<R> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<R> Copy for Columns<R> {}

impl<R> fmt::Debug for Columns<R> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Columns<{}>", std::any::type_name::<R>())
    }
}

impl<T, R: FromRow> Selection<T> for Columns<R> {
    type Row = R;
    type Parts = Shaped<R>;
    fn write(&self, out: &mut SelectWriter<'_>) {
        R::select(out);
    }
    fn decode(reader: &mut RowReader<'_>) -> Result<R, DecodeError> {
        R::decode(reader)
    }
}

/// One column: rows are its values.
impl<T: Table, C: Column> Selection<T> for C
where
    C::Ty: crate::decode::Decode + 'static,
{
    type Row = C::Ty;
    type Parts = Selected<C>;
    fn write(&self, out: &mut SelectWriter<'_>) {
        out.column(C::NAME);
    }
    fn decode(reader: &mut RowReader<'_>) -> Result<C::Ty, DecodeError> {
        reader.column(C::NAME)
    }
}

macro_rules! tuples {
    ($(($($name:ident)+))+) => {$(
        #[diagnostic::do_not_recommend]
        impl<T: Table, $($name: Column),+> Selection<T> for ($($name,)+)
        where
            $($name::Ty: crate::decode::Decode + 'static,)+
        {
            type Row = ($($name::Ty,)+);
            type Parts = ($(Selected<$name>,)+);
            fn write(&self, out: &mut SelectWriter<'_>) {
                $(out.column($name::NAME);)+
            }
            fn decode(reader: &mut RowReader<'_>) -> Result<Self::Row, DecodeError> {
                Ok(($(reader.column::<$name::Ty>($name::NAME)?,)+))
            }
        }
    )+};
}
tuples! {
    (A) (A B) (A B C) (A B C D) (A B C D E) (A B C D E F) (A B C D E F G) (A B C D E F G H)
    (A B C D E F G H I) (A B C D E F G H I J) (A B C D E F G H I J K) (A B C D E F G H I J K L)
}
