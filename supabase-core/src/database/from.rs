//! A table, before it is decided what to do with it.

use std::borrow::Cow;
use std::marker::PhantomData;

use http::Method;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::answer::{Minimal, Raw};
use super::insert::{Insert, Upsert};
use super::pending::Pending;
use super::select::Select;
use super::untyped::Untyped;
use super::write::{Delete, Unfiltered, Update};
use crate::client::Client;
use crate::query::{Plan, Resolution, Resource, SelectionOf, name, values};
use crate::schema::{Deletable, InsertRow, Insertable, RowOf, Table, Updatable, UpdateRow};

/// What `Client::from` takes.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a table",
    label = "expected a generated table such as `planets::Table`, or a table's name",
    note = "a table module is not a value: write `planets::Table`"
)]
pub trait FromTarget {
    /// The generated table, or [`Untyped`].
    type Table;
    #[doc(hidden)]
    fn target(self, client: Client, schema: Cow<'static, str>) -> From<Self::Table>;
}

impl<T: Table> FromTarget for T {
    type Table = T;
    fn target(self, client: Client, _: Cow<'static, str>) -> From<T> {
        From::new(client, Cow::Borrowed(T::NAME), Cow::Borrowed(T::SCHEMA))
    }
}

impl FromTarget for &str {
    type Table = Untyped;
    fn target(self, client: Client, schema: Cow<'static, str>) -> From<Untyped> {
        From::new(client, Cow::Owned(self.to_owned()), schema)
    }
}

impl FromTarget for String {
    type Table = Untyped;
    fn target(self, client: Client, schema: Cow<'static, str>) -> From<Untyped> {
        From::new(client, Cow::Owned(self), schema)
    }
}

/// A table of the project. What to do with it is the next call.
#[must_use = "nothing is sent before `.select(..)`, `.insert(..)`, `.update(..)` or `.delete()` is awaited"]
pub struct From<T> {
    client: Client,
    name: Cow<'static, str>,
    schema: Cow<'static, str>,
    table: PhantomData<fn() -> T>,
}

impl<T> std::fmt::Debug for From<T> {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("From").field("schema", &self.schema).field("table", &self.name).finish()
    }
}

impl<T> From<T> {
    fn new(client: Client, name: Cow<'static, str>, schema: Cow<'static, str>) -> Self {
        Self { client, name, schema, table: PhantomData }
    }

    fn pending(self, method: Method) -> Pending {
        Pending::new(self.client, Plan::new(method, Resource::Table, self.name, self.schema))
    }

    pub(super) fn write(self, method: Method) -> Pending {
        let mut pending = self.pending(method);
        pending.plan.prefer.representation = Some(false);
        pending
    }
}

fn set_body(pending: &mut Pending, body: Result<values::Body, crate::query::ValueError>) -> Option<values::Body> {
    match body {
        Ok(body) => {
            pending.plan.body = Some(body.json.clone());
            Some(body)
        }
        Err(error) => {
            pending.plan.check("a value of the row", Err(error));
            None
        }
    }
}

/// `columns=`, so that every row is read for every column. Where a row leaves out what another one
/// sets, an insert takes the default there; an upsert would put it in place of what is stored, so
/// the plan decides when it is known what else was said.
fn set_columns(pending: &mut Pending, body: &values::Body) {
    if body.columns.is_empty() {
        return;
    }
    let mut columns = String::with_capacity(192);
    crate::query::plan::push_columns(&mut columns, body.columns.iter().copied());
    pending.plan.parameter("columns", &columns);
    if body.uneven.is_empty() {
        return;
    }
    pending.plan.prefer.missing_default = true;
    if pending.plan.prefer.resolution.is_some() {
        pending.plan.uneven = Some(for_a_message(body.uneven.iter().copied()));
    }
}

/// `a`, `b`
fn for_a_message<'n>(columns: impl Iterator<Item = &'n str>) -> Box<str> {
    let columns: Vec<String> = columns.map(|column| format!("`{column}`")).collect();
    columns.join(", ").into()
}

/// Without a key the server would insert and say nothing; `.on_conflict(..)` mends it.
fn ask_for_conflict<T: Table>(plan: &mut Plan) {
    if T::PRIMARY_KEY.is_empty() {
        plan.parameter("on_conflict", "");
    }
}

impl<T: Table> From<T> {
    /// Reads rows: [`All`](crate::query::All), a tuple of columns, `Card::columns()`, or
    /// `select!(planets { .. })`.
    pub fn select<S: SelectionOf<T>>(self, selection: S) -> Select<T, S> {
        let mut pending = self.pending(Method::GET);
        pending.plan.select(|out| selection.write(out));
        Select::new(pending)
    }

    /// Inserts one row: what `insert!` makes, or the table's `Insert` struct.
    pub fn insert<R>(self, row: R) -> Insert<T, Minimal>
    where
        T: Insertable,
        R: InsertRow,
        R::Table: RowOf<T, R>,
    {
        let mut pending = self.write(Method::POST);
        set_body(&mut pending, values::one(&row, |row, out| row.write(out)));
        Insert::new(pending)
    }

    /// Inserts many rows in one request. A column that one row leaves out and another sets takes
    /// its default in the first.
    pub fn insert_many<I>(self, rows: I) -> Insert<T, Minimal>
    where
        T: Insertable,
        I: IntoIterator,
        I::Item: InsertRow,
        <I::Item as InsertRow>::Table: RowOf<T, I::Item>,
    {
        let mut pending = self.write(Method::POST);
        if let Some(body) = set_body(&mut pending, values::many(rows)) {
            set_columns(&mut pending, &body);
        }
        Insert::new(pending)
    }

    /// Inserts one row, or replaces the columns that are set where a row with the same key exists:
    /// the primary key, unless `.on_conflict(..)` names another.
    pub fn upsert<R>(self, row: R) -> Upsert<T, Minimal>
    where
        T: Insertable + Updatable,
        R: InsertRow,
        R::Table: RowOf<T, R>,
    {
        let mut pending = self.write(Method::POST);
        pending.plan.prefer.resolution = Some(Resolution::Merge);
        ask_for_conflict::<T>(&mut pending.plan);
        set_body(&mut pending, values::one(&row, |row, out| row.write(out)));
        Upsert::new(pending)
    }

    /// Inserts or replaces many rows in one request, all of them or none.
    ///
    /// One request writes the same columns of every row. Rows that leave out what others set are
    /// therefore refused before sending: the server would overwrite what is stored there. With
    /// [`.default_missing()`](Upsert::default_missing) it is overwritten with the column's default;
    /// with [`.ignore_duplicates()`](Upsert::ignore_duplicates) nothing stored changes, and new rows
    /// take the default.
    pub fn upsert_many<I>(self, rows: I) -> Upsert<T, Minimal>
    where
        T: Insertable + Updatable,
        I: IntoIterator,
        I::Item: InsertRow,
        <I::Item as InsertRow>::Table: RowOf<T, I::Item>,
    {
        let mut pending = self.write(Method::POST);
        pending.plan.prefer.resolution = Some(Resolution::Merge);
        ask_for_conflict::<T>(&mut pending.plan);
        if let Some(body) = set_body(&mut pending, values::many(rows)) {
            set_columns(&mut pending, &body);
        }
        Upsert::new(pending)
    }

    /// Changes every row that the filters match. Does not compile without a filter, or
    /// `.every_row()`.
    pub fn update<R>(self, row: R) -> Update<T, Unfiltered, Minimal>
    where
        T: Updatable,
        R: UpdateRow,
        R::Table: RowOf<T, R>,
    {
        let mut pending = self.write(Method::PATCH);
        if let Some(body) = set_body(&mut pending, values::one(&row, |row, out| row.write(out)))
            && body.columns.is_empty()
        {
            pending.plan.refuse("`update` sets no column, so it would change nothing; set at least one");
        }
        Update::new(pending)
    }

    /// Deletes every row that the filters match. Does not compile without a filter, or
    /// `.every_row()`.
    pub fn delete(self) -> Delete<T, Unfiltered, Minimal>
    where
        T: Deletable,
    {
        Delete::new(self.write(Method::DELETE))
    }
}

impl From<Untyped> {
    /// Reads rows into any type that serde can read; `columns` is a select list as PostgREST has
    /// it: `id, name, moons(name)`.
    pub fn select<R: DeserializeOwned + 'static>(self, columns: &str) -> Select<Untyped, Raw<R>> {
        let mut pending = self.pending(Method::GET);
        select_list(&mut pending.plan, columns);
        Select::new(pending)
    }

    /// Inserts one row: anything that serializes as a JSON object.
    pub fn insert<R: Serialize + ?Sized>(self, row: &R) -> Insert<Untyped, Minimal> {
        let mut pending = self.write(Method::POST);
        set_json(&mut pending.plan, row);
        Insert::new(pending)
    }

    /// Inserts many rows in one request: anything that serializes as JSON objects. Columns that a
    /// row leaves out become NULL, or their default after `.default_missing()`.
    pub fn insert_many<R: Serialize>(self, rows: impl IntoIterator<Item = R>) -> Insert<Untyped, Minimal> {
        let mut pending = self.write(Method::POST);
        set_json_rows(&mut pending.plan, rows);
        Insert::new(pending)
    }

    /// Inserts one row, or replaces the one with the same key.
    pub fn upsert<R: Serialize + ?Sized>(self, row: &R) -> Upsert<Untyped, Minimal> {
        let mut pending = self.write(Method::POST);
        pending.plan.prefer.resolution = Some(Resolution::Merge);
        set_json(&mut pending.plan, row);
        Upsert::new(pending)
    }

    /// Inserts or replaces many rows in one request, all of them or none.
    ///
    /// One request writes the same columns of every row. Rows that leave out what others set are
    /// therefore refused before sending: the server would overwrite what is stored there, with NULL
    /// or, after `.default_missing()`, which allows it, with the column's default. With
    /// `.ignore_duplicates()` nothing stored changes.
    pub fn upsert_many<R: Serialize>(self, rows: impl IntoIterator<Item = R>) -> Upsert<Untyped, Minimal> {
        let mut pending = self.write(Method::POST);
        pending.plan.prefer.resolution = Some(Resolution::Merge);
        set_json_rows(&mut pending.plan, rows);
        Upsert::new(pending)
    }

    /// Changes every row that the filters match: anything that serializes as a JSON object. Does
    /// not compile without a filter, or `.every_row()`.
    pub fn update<R: Serialize + ?Sized>(self, row: &R) -> Update<Untyped, Unfiltered, Minimal> {
        let mut pending = self.write(Method::PATCH);
        set_json(&mut pending.plan, row);
        if pending.plan.body.as_deref() == Some(b"{}") {
            pending.plan.refuse("`update` sets no column, so it would change nothing; set at least one");
        }
        Update::new(pending)
    }

    /// Deletes every row that the filters match. Does not compile without a filter, or
    /// `.every_row()`.
    pub fn delete(self) -> Delete<Untyped, Unfiltered, Minimal> {
        Delete::new(self.write(Method::DELETE))
    }
}

/// Blanks around the marks of a select list mean nothing and are dropped, so that it may be written
/// over several lines; blanks inside a name belong to it.
pub(crate) fn select_list(plan: &mut Plan, columns: &str) {
    let list = without_blanks(columns);
    if list.contains('\0') {
        plan.refuse("the select list holds a NUL character");
    }
    plan.select(|out| out.literal(if list.is_empty() { "*" } else { &list }));
}

fn without_blanks(columns: &str) -> String {
    let is_mark = |letter: char| matches!(letter, ',' | '(' | ')' | ':' | '.' | '!');
    let mut list = String::with_capacity(columns.len());
    let (mut quoted, mut escaped) = (false, false);
    // Where the blanks begin that have not been written yet.
    let mut blank = None;
    for (at, letter) in columns.char_indices() {
        if !quoted && letter.is_whitespace() {
            blank.get_or_insert(at);
            continue;
        }
        if let Some(start) = blank.take()
            && !is_mark(letter)
            && !columns[at..].starts_with("->")
            && !list.is_empty()
            && !list.ends_with(is_mark)
            && !list.ends_with("->")
            && !list.ends_with("->>")
        {
            list.push_str(&columns[start..at]);
        }
        list.push(letter);
        match letter {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            _ => {}
        }
    }
    list
}

fn set_json<R: Serialize + ?Sized>(plan: &mut Plan, row: &R) {
    match serde_json::to_vec(row) {
        // The server takes a scalar, stores nothing and says 201.
        Ok(json) if json.first() == Some(&b'{') => plan.body = Some(json.into()),
        Ok(_) => {
            plan.refuse("a row has to serialize as a JSON object; several go through `insert_many` or `upsert_many`")
        }
        Err(error) => plan.refuse(format!("the row cannot be written as JSON: {error}")),
    }
}

fn set_json_rows<R: Serialize>(plan: &mut Plan, rows: impl IntoIterator<Item = R>) {
    let mut json = b"[".to_vec();
    let mut columns: Vec<String> = Vec::new();
    let mut uneven: Vec<String> = Vec::new();
    for (at, row) in rows.into_iter().enumerate() {
        // Keys are needed for `columns=`: the server would otherwise take those of the first row
        // and drop the others in silence.
        let object: serde_json::Map<String, serde_json::Value> = match serde_json::to_value(&row) {
            Ok(serde_json::Value::Object(object)) => object,
            Ok(_) => return plan.refuse(format!("row {at} does not serialize as a JSON object")),
            Err(error) => return plan.refuse(format!("row {at} cannot be written as JSON: {error}")),
        };
        let left_out = columns.iter().filter(|column| !object.contains_key(*column));
        let further = object.keys().filter(|key| at > 0 && !columns.contains(key));
        for column in left_out.chain(further) {
            if !uneven.contains(column) {
                uneven.push(column.clone());
            }
        }
        for key in object.keys() {
            if !columns.contains(key) {
                columns.push(key.clone());
            }
        }
        if at > 0 {
            json.push(b',');
        }
        if let Err(error) = serde_json::to_writer(&mut json, &row) {
            return plan.refuse(format!("row {at} cannot be written as JSON: {error}"));
        }
    }
    json.push(b']');
    plan.body = Some(json.into());
    if !columns.is_empty() {
        let mut list = String::new();
        crate::query::plan::push_columns(&mut list, columns.iter().map(String::as_str));
        plan.parameter("columns", &list);
    }
    if !uneven.is_empty() && plan.prefer.resolution.is_some() {
        plan.uneven = Some(for_a_message(uneven.iter().map(String::as_str)));
    }
}

/// A column list of `on_conflict`, named by text.
pub(crate) fn conflict_columns(columns: &str) -> String {
    let mut text = String::new();
    if columns.trim().is_empty() || columns.contains('"') {
        text.push_str(columns.trim());
    } else {
        for (at, column) in columns.split(',').map(str::trim).enumerate() {
            if at > 0 {
                text.push(',');
            }
            name::push(&mut text, column);
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::without_blanks;

    #[test]
    fn blanks_belong_to_names_and_to_nothing_else() {
        assert_eq!(without_blanks(" id , name ,\n moons ( id, name ) "), "id,name,moons(id,name)");
        assert_eq!(without_blanks("planet name : name, two words"), "planet name:name,two words");
        assert_eq!(without_blanks(r#"" a \" , b " : c"#), r#"" a \" , b ":c"#);
        assert_eq!(without_blanks("data -> key, ... star ( name )"), "data->key,...star(name)");
        assert_eq!(without_blanks("a - b"), "a - b");
    }
}
