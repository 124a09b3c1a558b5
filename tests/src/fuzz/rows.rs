//! Random rows, written through the client.

use std::collections::BTreeMap;

use supabase_core::query::{NewRow, Values};

use super::COLUMNS;
use super::db::written;
use super::random::Random;
use super::value::{Sql, Value, value};

/// A row: the value of each column, or NULL.
pub type Row = Vec<Option<Value>>;

/// A random row.
pub fn row(random: &mut Random) -> Row {
    COLUMNS.iter().map(|column| if random.once_in(6) { None } else { Some(value(column.kind, random)) }).collect()
}

/// A statement that inserts the row into a table.
#[must_use]
pub fn insert(table: &str, id: i32, row: &Row) -> Sql {
    let mut sql = Sql::default();
    sql.push(&format!("insert into {table} values ({id}"));
    for (column, value) in COLUMNS.iter().zip(row) {
        sql.push(", ");
        match value {
            Some(value) => sql.value(column.kind, value),
            None => sql.push("null"),
        };
    }
    sql.push(")");
    sql
}

/// A query for the columns in which the stored row is not this one.
#[must_use]
pub fn differing(id: i32, row: &Row) -> Sql {
    let mut sql = Sql::default();
    sql.push("select concat_ws(', '");
    for (column, value) in COLUMNS.iter().zip(row) {
        let name = format!("\"{}\"", column.name.replace('"', "\"\""));
        let label = column.name.replace('\'', "''");
        sql.push(&format!(", case when {name} is distinct from "));
        match value {
            Some(value) => sql.value(column.kind, value),
            None => sql.push("null"),
        };
        sql.push(&format!(" then '{label}: ' || {name}::text end"));
    }
    sql.push(&format!(") from written where id = {id}"));
    sql
}

/// The row for the typed builder.
pub fn typed(id: i32, row: &Row) -> Values<written::Table, NewRow> {
    use written as t;
    let mut values = supabase_core::insert!(written { id: id });
    for (column, value) in COLUMNS.iter().zip(row) {
        macro_rules! set {
            ($marker:ident, $variant:ident $ty:ty) => {
                values.set(
                    t::$marker,
                    value.as_ref().map(|value| -> $ty {
                        match value {
                            Value::$variant(value) => value.clone().try_into().expect("a value of the kind"),
                            other => unreachable!("{other:?} in the wrong column"),
                        }
                    }),
                )
            };
        }
        macro_rules! set_array {
            ($marker:ident, $variant:ident $ty:ty) => {
                values.set(
                    t::$marker,
                    value.as_ref().map(|value| -> Vec<Option<$ty>> {
                        let Value::Array(elements) = value else { unreachable!("{value:?} in an array") };
                        elements
                            .iter()
                            .map(|element| match element {
                                Some(Value::$variant(value)) => {
                                    Some(value.clone().try_into().expect("an element of the kind"))
                                }
                                None => None,
                                other => unreachable!("{other:?} in the wrong array"),
                            })
                            .collect()
                    }),
                )
            };
        }
        values = match column.name {
            "c_text" => set!(c_text, Text String),
            "c_varchar" => set!(c_varchar, Text String),
            "c_citext" => set!(c_citext, Text String),
            "order" => set!(order, Text String),
            "limit" => set!(limit, Text String),
            "select" => set!(select, Text String),
            "and" => set!(and, Text String),
            "not" => set!(not, Text String),
            "on_conflict" => set!(on_conflict, Text String),
            "two words" => set!(two_words, Text String),
            "dot.ted" => set!(dot_ted, Text String),
            "comma,ed" => set!(comma_ed, Text String),
            "say \"hi\"" => set!(say__hi_, Text String),
            "par(en)" => set!(par_en_, Text String),
            "back\\slash" => set!(back_slash, Text String),
            "größe" => set!(größe, Text String),
            "arrow->x" => set!(arrow__x, Text String),
            "am&p=" => set!(am_p_, Text String),
            "percent%41" => set!(percent_41, Text String),
            "c_int2" => set!(c_int2, Int i16),
            "c_int4" => set!(c_int4, Int i32),
            "c_int8" => set!(c_int8, Int i64),
            "c_float4" => set!(c_float4, Float4 f32),
            "c_float8" => set!(c_float8, Float8 f64),
            "c_numeric" => set!(c_numeric, Numeric supabase_core::types::Decimal),
            "c_bool" => set!(c_bool, Bool bool),
            "c_uuid" => set!(c_uuid, Uuid supabase_core::types::Uuid),
            "c_date" => set!(c_date, Date chrono::NaiveDate),
            "c_time" => set!(c_time, Time chrono::NaiveTime),
            "c_timestamp" => set!(c_timestamp, Timestamp chrono::NaiveDateTime),
            "c_timestamptz" => set!(c_timestamptz, Timestamptz chrono::DateTime<chrono::Utc>),
            "c_bytea" => set!(c_bytea, Bytea supabase_core::types::Bytea),
            "c_mood" => set!(c_mood, Mood super::db::enums::Mood),
            "c_jsonb" => set!(c_jsonb, Jsonb serde_json::Value),
            "c_texts" => set_array!(c_texts, Text String),
            "c_ints" => set_array!(c_ints, Int i32),
            "c_moods" => set_array!(c_moods, Mood super::db::enums::Mood),
            "c_moments" => set_array!(c_moments, Timestamptz chrono::DateTime<chrono::Utc>),
            "c_int4range" => values.set(t::c_int4range, value.as_ref().map(super::typed::int4range)),
            "c_numrange" => values.set(t::c_numrange, value.as_ref().map(super::typed::numrange)),
            "c_daterange" => values.set(t::c_daterange, value.as_ref().map(super::typed::daterange)),
            "c_tsrange" => values.set(t::c_tsrange, value.as_ref().map(super::typed::tsrange)),
            "c_tstzrange" => values.set(t::c_tstzrange, value.as_ref().map(super::typed::tstzrange)),
            "c_int4multirange" => values.set(t::c_int4multirange, value.as_ref().map(super::typed::int4multirange)),
            other => unreachable!("column {other}"),
        };
    }
    values
}

/// The row for the untyped builder: what serde would make of an application's struct.
#[must_use]
pub fn untyped(id: i32, row: &Row) -> BTreeMap<String, serde_json::Value> {
    let mut object = BTreeMap::from([("id".to_owned(), serde_json::Value::from(id))]);
    for (column, value) in COLUMNS.iter().zip(row) {
        let value = value.as_ref().map_or(serde_json::Value::Null, json);
        object.insert(column.name.to_owned(), value);
    }
    object
}

fn json(value: &Value) -> serde_json::Value {
    use serde_json::Value as Json;
    match value {
        Value::Text(text) => Json::from(text.as_str()),
        Value::Int(number) => Json::from(*number),
        Value::Bool(truth) => Json::from(*truth),
        Value::Jsonb(document) => document.clone(),
        Value::Array(elements) => elements.iter().map(|element| element.as_ref().map_or(Json::Null, json)).collect(),
        Value::Mood(mood) => Json::from(mood.to_string()),
        // Everything else has a text that PostgreSQL reads: the encoder's.
        other => Json::from(super::run::written(other)),
    }
}
