//! Paths into json columns: `facts->"day_h"`, `facts->missions->>0`.

use std::fmt;
use std::marker::PhantomData;

use super::filter::ColumnName;
use super::name;
use super::operand::Operand;
use crate::schema::Column;
use crate::schema::sql::{Array, Composite, Json, Jsonb, Text, Unknown};

/// One step of a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum JsonStep<'k> {
    /// `->key`: the member, as json.
    Key(&'k str),
    /// `->0`: the element, as json; negative numbers count from the end.
    Index(i64),
    /// `->>key`: the member, as text.
    KeyText(&'k str),
    /// `->>0`: the element, as text.
    IndexText(i64),
}

/// A type with members: `json`, `jsonb`, arrays and composites (which PostgREST reaches into the
/// same way).
#[diagnostic::on_unimplemented(
    message = "a json path needs a json column, but `{C}` is `{Self}`",
    label = "`{C}` has no members to reach"
)]
pub trait HasMembers<C> {
    /// The type of a member: `json` of `json`, which PostgreSQL can neither compare nor sort, and
    /// `jsonb` of everything else, which the server turns into that on the way.
    type Member;
}
impl<C> HasMembers<C> for Json {
    type Member = Json;
}
impl<C> HasMembers<C> for Jsonb {
    type Member = Jsonb;
}
impl<C> HasMembers<C> for Unknown {
    type Member = Jsonb;
}
impl<C, T> HasMembers<C> for Array<T> {
    type Member = Jsonb;
}
impl<C, T> HasMembers<C> for Composite<T> {
    type Member = Jsonb;
}

/// A path into the json of column `C`; `S` is the SQL type at its end: `json`, `jsonb` or `text`.
pub struct JsonPath<C, S> {
    column: C,
    steps: String,
    sql: PhantomData<fn() -> S>,
}

impl<C, S> fmt::Debug for JsonPath<C, S> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "JsonPath({})", self.steps)
    }
}

/// Appends one step as the grammar has it. Keys are quoted unless they are plain words, since a
/// key of digits would be an index.
pub(crate) fn push_step(out: &mut String, step: JsonStep<'_>) {
    let (arrow, key) = match step {
        JsonStep::Key(key) => ("->", Ok(key)),
        JsonStep::KeyText(key) => ("->>", Ok(key)),
        JsonStep::Index(index) => ("->", Err(index)),
        JsonStep::IndexText(index) => ("->>", Err(index)),
    };
    out.push_str(arrow);
    match key {
        Ok(key) if is_word(key) => out.push_str(key),
        Ok(key) => name::push_quoted(out, key),
        Err(index) => out.push_str(&index.to_string()),
    }
}

fn is_word(key: &str) -> bool {
    key.starts_with(|letter: char| letter.is_ascii_alphabetic() || letter == '_')
        && key.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

impl<C, S> JsonPath<C, S> {
    fn step<S2>(mut self, step: JsonStep<'_>) -> JsonPath<C, S2> {
        push_step(&mut self.steps, step);
        JsonPath { column: self.column, steps: self.steps, sql: PhantomData }
    }
}

/// A key or an index.
#[diagnostic::on_unimplemented(
    message = "a `{Self}` is neither a key nor an index",
    label = "expected text or a whole number"
)]
pub trait JsonKey {
    /// The step, as json or as text.
    fn step(&self, text: bool) -> JsonStep<'_>;
}

impl JsonKey for str {
    fn step(&self, text: bool) -> JsonStep<'_> {
        if text { JsonStep::KeyText(self) } else { JsonStep::Key(self) }
    }
}
impl JsonKey for String {
    fn step(&self, text: bool) -> JsonStep<'_> {
        self.as_str().step(text)
    }
}
impl JsonKey for i64 {
    fn step(&self, text: bool) -> JsonStep<'_> {
        if text { JsonStep::IndexText(*self) } else { JsonStep::Index(*self) }
    }
}
impl JsonKey for i32 {
    fn step(&self, text: bool) -> JsonStep<'_> {
        let index = i64::from(*self);
        if text { JsonStep::IndexText(index) } else { JsonStep::Index(index) }
    }
}
impl<K: JsonKey + ?Sized> JsonKey for &K {
    fn step(&self, text: bool) -> JsonStep<'_> {
        (**self).step(text)
    }
}

/// Starts paths from columns.
pub trait JsonOperand: Column + Sized {
    /// `->`: a member or an element, as json.
    fn json<K: JsonKey>(self, key: K) -> JsonPath<Self, <Self::Sql as HasMembers<Self>>::Member>
    where
        Self::Sql: HasMembers<Self>,
    {
        JsonPath::<Self, Jsonb> { column: self, steps: String::new(), sql: PhantomData }.step(key.step(false))
    }

    /// `->>`: a member or an element, as text.
    fn json_text<K: JsonKey>(self, key: K) -> JsonPath<Self, Text>
    where
        Self::Sql: HasMembers<Self>,
    {
        JsonPath::<Self, Jsonb> { column: self, steps: String::new(), sql: PhantomData }.step(key.step(true))
    }
}
impl<C: Column> JsonOperand for C {}

macro_rules! further {
    ($($sql:ty)+) => {$(
        impl<C: Column> JsonPath<C, $sql> {
            /// `->`: one step further, as json.
            #[must_use]
            pub fn json<K: JsonKey>(self, key: K) -> Self {
                self.step(key.step(false))
            }

            /// `->>`: one step further, as text.
            #[must_use]
            pub fn json_text<K: JsonKey>(self, key: K) -> JsonPath<C, Text> {
                self.step(key.step(true))
            }
        }
    )+};
}
further! { Json Jsonb }

impl<C: Column, S> ColumnName for JsonPath<C, S> {
    fn push_name(&self, out: &mut String) {
        self.column.push_name(out);
        out.push_str(&self.steps);
    }
    fn is_star(&self) -> bool {
        self.column.is_star()
    }
}

impl<C: Column, S> Operand for JsonPath<C, S> {
    type Table = C::Table;
    type Sql = S;
}
