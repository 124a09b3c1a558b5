//! Random rows, written through the client.

use std::collections::BTreeMap;

use supabase_core::query::{NewRow, Values};

use super::COLUMNS;
use super::db::written;
use super::operation::Column;
use super::random::Random;
use super::value::{Kind, Sql, Value, value};

/// A row: the value of each column, or NULL.
pub type Row = Vec<Option<Value>>;

/// A random row of these columns.
pub fn row(columns: &[Column], random: &mut Random) -> Row {
    columns.iter().map(|column| if random.once_in(6) { None } else { Some(value(column.kind, random)) }).collect()
}

/// A statement that inserts the row into a table, whose first columns are integers.
#[must_use]
pub fn insert(table: &str, keys: &[i32], columns: &[Column], row: &Row) -> Sql {
    let mut sql = Sql::default();
    let keys: Vec<String> = keys.iter().map(i32::to_string).collect();
    sql.push(&format!("insert into {table} values ({}", keys.join(", ")));
    for (column, value) in columns.iter().zip(row) {
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
        // Types without equality are compared as others that have it.
        let cast = match column.kind {
            Kind::Json => "::jsonb",
            Kind::Xml | Kind::Point => "::text",
            _ => "",
        };
        sql.push(&format!(", case when {name}{cast} is distinct from ("));
        match value {
            Some(value) => sql.value(column.kind, value),
            None => sql.push("null"),
        };
        sql.push(&format!("){cast} then '{label}: ' || {name}::text end"));
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
            "c_bpchar" => set!(c_bpchar, Text String),
            "c_name" => set!(c_name, Text String),
            "c_word" => set!(c_word, Text String),
            "c_timetz" => set!(c_timetz, Text String),
            "c_span" => set!(c_span, Text String),
            "c_money" => set!(c_money, Text String),
            "c_inet" => set!(c_inet, Text String),
            "c_cidr" => set!(c_cidr, Text String),
            "c_macaddr" => set!(c_macaddr, Text String),
            "c_macaddr8" => set!(c_macaddr8, Text String),
            "c_bit" => set!(c_bit, Text String),
            "c_varbit" => set!(c_varbit, Text String),
            "c_tsvector" => set!(c_tsvector, Text String),
            "c_tsquery" => set!(c_tsquery, Text String),
            "c_ltree" => set!(c_ltree, Text String),
            "c_xml" => set!(c_xml, Text String),
            "c_point" => set!(c_point, Text String),
            "c_positive" => set!(c_positive, Int i32),
            "c_oid" => set!(c_oid, Int u32),
            "c_interval" => set!(c_interval, Duration chrono::TimeDelta),
            "c_json" => set!(c_json, Jsonb serde_json::Value),
            "c_hstore" => set!(c_hstore, Hstore supabase_core::types::Hstore),
            "c_place" => set!(c_place, Place super::db::types::Place),
            "c_bools" => set_array!(c_bools, Bool bool),
            "c_longs" => set_array!(c_longs, Int i64),
            "c_doubles" => set_array!(c_doubles, Float8 f64),
            "c_numerics" => set_array!(c_numerics, Numeric supabase_core::types::Decimal),
            "c_uuids" => set_array!(c_uuids, Uuid supabase_core::types::Uuid),
            "c_dates" => set_array!(c_dates, Date chrono::NaiveDate),
            "c_blobs" => set_array!(c_blobs, Bytea supabase_core::types::Bytea),
            "c_documents" => set_array!(c_documents, Jsonb serde_json::Value),
            "c_spans" => values.set(t::c_spans, value.as_ref().map(super::typed::int4ranges)),
            "c_places" => set_array!(c_places, Place super::db::types::Place),
            "c_int8range" => values.set(t::c_int8range, value.as_ref().map(super::typed::int8range)),
            "c_int8multirange" => values.set(t::c_int8multirange, value.as_ref().map(super::typed::int8multirange)),
            "c_nummultirange" => values.set(t::c_nummultirange, value.as_ref().map(super::typed::nummultirange)),
            "c_datemultirange" => values.set(t::c_datemultirange, value.as_ref().map(super::typed::datemultirange)),
            "c_tsmultirange" => values.set(t::c_tsmultirange, value.as_ref().map(super::typed::tsmultirange)),
            "c_tstzmultirange" => values.set(t::c_tstzmultirange, value.as_ref().map(super::typed::tstzmultirange)),
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
        Value::Place(place) => serde_json::json!({
            "lat": place.lat.map(|lat| lat.to_string()),
            "label": place.label,
            "seen": place.seen.map(|seen| super::run::written(&Value::Timestamptz(seen))),
        }),
        // In a body these would be further dimensions, or NULL.
        Value::Array(elements)
            if elements
                .iter()
                .flatten()
                .any(|element| matches!(element, Value::Jsonb(Json::Array(_) | Json::Null))) =>
        {
            Json::from(super::run::written(value))
        }
        Value::Array(elements) => elements.iter().map(|element| element.as_ref().map_or(Json::Null, json)).collect(),
        Value::Mood(mood) => Json::from(mood.to_string()),
        // Everything else has a text that PostgreSQL reads: the encoder's.
        other => Json::from(super::run::written(other)),
    }
}
