//! Operations on a column: random ones, told to every face of our client and, apart from it, to SQL.

use std::cell::Cell;

use supabase_core::database::{Having, Raw, Select, Untyped, column};
use supabase_core::query::{Condition, Operand, Selection, TextQuery, all, any, not};

use super::db::{parts, specimens};
use super::random::Random;
use super::value::{Kind, Sql, Value, key, text, value};

/// A column of the table.
#[derive(Debug, Clone, Copy)]
pub struct Column {
    /// Its name.
    pub name: &'static str,
    /// Its kind.
    pub kind: Kind,
}

/// An operation.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs, reason = "named after the methods")]
pub enum Operation {
    Compare(&'static str, Value),
    In(bool, Vec<Value>),
    IsNull(bool),
    IsTrue,
    IsFalse,
    IsUnknown,
    Like {
        any_case: bool,
        pattern: String,
    },
    LikeMany {
        any_case: bool,
        all: bool,
        patterns: Vec<String>,
    },
    Regex {
        any_case: bool,
        pattern: String,
    },
    Search(&'static str, String),
    /// `column->>key = text`
    JsonText(String, String),
}

/// The operators of two operands, as the server and as SQL spell them.
const COMPARISONS: [(&str, &str); 7] = [
    ("eq", "="),
    ("neq", "<>"),
    ("gt", ">"),
    ("gte", ">="),
    ("lt", "<"),
    ("lte", "<="),
    ("isdistinct", "is distinct from"),
];
const CONTAINING: [(&str, &str); 3] = [("cs", "@>"), ("cd", "<@"), ("ov", "&&")];
const RANGES: [(&str, &str); 5] = [("sr", ">>"), ("nxl", "&>"), ("sl", "<<"), ("nxr", "&<"), ("adj", "-|-")];

fn sql_operator(operator: &str) -> &'static str {
    COMPARISONS.iter().chain(&CONTAINING).chain(&RANGES).find(|(name, _)| *name == operator).map_or("=", |(_, sql)| sql)
}

/// A pattern: pieces of a text that is there, with marks in between.
fn pattern(random: &mut Random, near: Option<&Value>) -> String {
    let base = match near {
        Some(Value::Text(near)) if !random.once_in(3) => near.clone(),
        _ => text(random),
    };
    let mut pattern = String::new();
    for letter in base.chars().take(40) {
        match random.below(12) {
            0 => pattern.push('%'),
            1 => pattern.push('_'),
            2 => {
                pattern.push('\\');
                pattern.push(letter);
            }
            3 if random.once_in(3) => pattern.push('*'),
            _ => {
                // What the text has as a mark may stand for itself.
                if matches!(letter, '\\' | '%' | '_') && random.once_in(2) {
                    pattern.push('\\');
                }
                pattern.push(letter);
            }
        }
    }
    if random.once_in(2) {
        pattern.push('%');
    }
    pattern
}

/// A random operation on a column; `near` is a value that some row has there.
pub fn operation(column: Column, near: Option<&Value>, random: &mut Random) -> Operation {
    let kind = column.kind;
    let some = |random: &mut Random| match near {
        Some(near) if random.once_in(2) => near.clone(),
        _ => value(kind, random),
    };
    loop {
        return match random.below(12) {
            0..=3 if kind.has_order() => Operation::Compare(random.pick(&COMPARISONS).0, some(random)),
            0..=3 if kind.has_equality() => {
                Operation::Compare(random.pick::<&'static str>(&["eq", "neq", "isdistinct"]), some(random))
            }
            4 | 5 => {
                // A list of arrays, ranges or documents is not one that `in` knows.
                if kind.is_array() || kind.is_range() || kind == Kind::Jsonb || !kind.has_equality() {
                    continue;
                }
                let values = (0..random.below(4)).map(|_| some(random)).collect();
                Operation::In(random.once_in(3), values)
            }
            6 => Operation::IsNull(random.once_in(2)),
            7 if kind == Kind::Bool => match random.below(3) {
                0 => Operation::IsTrue,
                1 => Operation::IsFalse,
                _ => Operation::IsUnknown,
            },
            7..=9 if kind.is_text() => match random.below(5) {
                0 | 1 => Operation::Like { any_case: random.once_in(2), pattern: pattern(random, near) },
                2 | 3 => Operation::LikeMany {
                    any_case: random.once_in(2),
                    all: random.once_in(2),
                    patterns: (0..random.below(3) + 1).map(|_| pattern(random, near)).collect(),
                },
                _ => Operation::Regex { any_case: random.once_in(2), pattern: escaped(&text(random), random) },
            },
            7..=9 if kind.is_array() || kind.contains() => {
                let operators = if kind.contains() { &CONTAINING[..2] } else { &CONTAINING[..] };
                Operation::Compare(random.pick(operators).0, some(random))
            }
            7..=9 if kind.is_range() => {
                let operators = if random.once_in(2) { &CONTAINING[..] } else { &RANGES[..] };
                Operation::Compare(random.pick(operators).0, some(random))
            }
            7..=9 if matches!(kind, Kind::Inet | Kind::Cidr) => Operation::Compare("ov", some(random)),
            10 if matches!(kind, Kind::Text | Kind::Tsvector) => {
                const SEARCHES: [&str; 5] = ["plfts", "phfts", "wfts", "plfts(english)", "wfts(simple)"];
                Operation::Search(random.pick::<&'static str>(&SEARCHES), text(random))
            }
            10 | 11 if matches!(kind, Kind::Jsonb | Kind::Json) => Operation::JsonText(key(random), text(random)),
            10 | 11 if kind == Kind::Place => {
                let label = match near {
                    Some(Value::Place(place)) if random.once_in(2) => place.label.clone(),
                    _ => None,
                };
                Operation::JsonText("label".to_owned(), label.unwrap_or_else(|| text(random)))
            }
            _ => continue,
        };
    }
}

/// A regular expression that some texts match: their text with its marks escaped.
fn escaped(text: &str, random: &mut Random) -> String {
    let mut out = String::new();
    for letter in text.chars().take(20) {
        if letter.is_ascii_punctuation() {
            out.push('\\');
        }
        out.push(letter);
        if random.once_in(6) {
            out.push_str(".*");
        }
    }
    out
}

// ---- told to our client --------------------------------------------------------------------------

/// Calls a method: of a column, or of a builder with the column before the other arguments.
macro_rules! call {
    ((condition) $column:expr, $method:ident($($argument:expr),*)) => { $column.$method($($argument),*) };
    ((builder $builder:expr) $column:expr, $method:ident($($argument:expr),*)) => { $builder.$method($column, $($argument),*) };
}

/// The comparisons of kinds that have an order.
macro_rules! compared {
    ($sink:tt, $column:expr, $operation:expr, $get:expr) => {
        match $operation {
            Operation::Compare("eq", value) => Some(call!($sink $column, eq($get(value)))),
            Operation::Compare("neq", value) => Some(call!($sink $column, neq($get(value)))),
            Operation::Compare("gt", value) => Some(call!($sink $column, gt($get(value)))),
            Operation::Compare("gte", value) => Some(call!($sink $column, gte($get(value)))),
            Operation::Compare("lt", value) => Some(call!($sink $column, lt($get(value)))),
            Operation::Compare("lte", value) => Some(call!($sink $column, lte($get(value)))),
            Operation::Compare("isdistinct", value) => Some(call!($sink $column, is_distinct($get(value)))),
            Operation::In(false, values) => Some(call!($sink $column, in_(values.iter().map($get)))),
            Operation::In(true, values) => Some(call!($sink $column, not_in(values.iter().map($get)))),
            Operation::IsNull(true) => Some(call!($sink $column, is_null())),
            Operation::IsNull(false) => Some(call!($sink $column, is_not_null())),
            _ => None,
        }
    };
}

/// The comparisons of kinds that have equality alone.
macro_rules! equated {
    ($sink:tt, $column:expr, $operation:expr, $get:expr) => {
        match $operation {
            Operation::Compare("eq", value) => Some(call!($sink $column, eq($get(value)))),
            Operation::Compare("neq", value) => Some(call!($sink $column, neq($get(value)))),
            Operation::Compare("isdistinct", value) => Some(call!($sink $column, is_distinct($get(value)))),
            Operation::In(false, values) => Some(call!($sink $column, in_(values.iter().map($get)))),
            Operation::In(true, values) => Some(call!($sink $column, not_in(values.iter().map($get)))),
            _ => nulls!($sink, $column, $operation),
        }
    };
}

/// What kinds without equality have.
macro_rules! nulls {
    ($sink:tt, $column:expr, $operation:expr) => {
        match $operation {
            Operation::IsNull(true) => Some(call!($sink $column, is_null())),
            Operation::IsNull(false) => Some(call!($sink $column, is_not_null())),
            _ => None,
        }
    };
}

macro_rules! json_texts {
    ($sink:tt, $column:expr, $operation:expr) => {{
        use supabase_core::query::JsonOperand;
        match $operation {
            Operation::JsonText(key, text) => Some(call!($sink $column.json_text(key), eq(text.as_str()))),
            _ => None,
        }
    }};
}

macro_rules! searched {
    ($sink:tt, $column:expr, $operation:expr) => {
        match $operation {
            Operation::Search(operator, text) => Some(call!($sink $column, text_search(query(operator, text)))),
            _ => None,
        }
    };
}

macro_rules! contained {
    ($sink:tt, $column:expr, $operation:expr, $get:expr) => {
        match $operation {
            Operation::Compare("cs", value) => Some(call!($sink $column, contains($get(value)))),
            Operation::Compare("cd", value) => Some(call!($sink $column, contained_by($get(value)))),
            _ => None,
        }
    };
}

macro_rules! overlapping {
    ($sink:tt, $column:expr, $operation:expr, $get:expr) => {
        match $operation {
            Operation::Compare("ov", value) => Some(call!($sink $column, overlaps($get(value)))),
            _ => None,
        }
    };
}

macro_rules! ranged {
    ($sink:tt, $column:expr, $operation:expr, $get:expr) => {
        match $operation {
            Operation::Compare("sr", value) => Some(call!($sink $column, range_gt($get(value)))),
            Operation::Compare("nxl", value) => Some(call!($sink $column, range_gte($get(value)))),
            Operation::Compare("sl", value) => Some(call!($sink $column, range_lt($get(value)))),
            Operation::Compare("nxr", value) => Some(call!($sink $column, range_lte($get(value)))),
            Operation::Compare("adj", value) => Some(call!($sink $column, range_adjacent($get(value)))),
            _ => None,
        }
    };
}

macro_rules! text_matched {
    ($sink:tt, $column:expr, $operation:expr) => {
        match $operation {
            Operation::Like { any_case: false, pattern } => Some(call!($sink $column, like(pattern.as_str()))),
            Operation::Like { any_case: true, pattern } => Some(call!($sink $column, ilike(pattern.as_str()))),
            Operation::LikeMany { any_case: false, all: true, patterns } => Some(call!($sink $column, like_all_of(patterns))),
            Operation::LikeMany { any_case: false, all: false, patterns } => Some(call!($sink $column, like_any_of(patterns))),
            Operation::LikeMany { any_case: true, all: true, patterns } => Some(call!($sink $column, ilike_all_of(patterns))),
            Operation::LikeMany { any_case: true, all: false, patterns } => Some(call!($sink $column, ilike_any_of(patterns))),
            Operation::Regex { any_case: false, pattern } => Some(call!($sink $column, match_regex(pattern.as_str()))),
            Operation::Regex { any_case: true, pattern } => Some(call!($sink $column, imatch_regex(pattern.as_str()))),
            Operation::Search(operator, text) => Some(call!($sink $column, text_search(query(operator, text)))),
            _ => None,
        }
    };
}

macro_rules! truths {
    ($sink:tt, $column:expr, $operation:expr) => {
        match $operation {
            Operation::IsTrue => Some(call!($sink $column, is_true())),
            Operation::IsFalse => Some(call!($sink $column, is_false())),
            Operation::IsUnknown => Some(call!($sink $column, is_unknown())),
            _ => None,
        }
    };
}

fn query<'t>(operator: &str, text: &'t str) -> TextQuery<'t> {
    let (name, config) = operator.trim_end_matches(')').split_once('(').unwrap_or((operator, ""));
    let query = match name {
        "plfts" => TextQuery::plain(text),
        "phfts" => TextQuery::phrase(text),
        _ => TextQuery::websearch(text),
    };
    if config.is_empty() { query } else { query.config(config.to_owned()) }
}

/// As a condition of the untyped builder.
pub fn untyped_condition(on: Column, operation: &Operation) -> Condition<Untyped> {
    let name = quoted(on.name);
    if let Operation::JsonText(key, text) = operation {
        return column(&json_name(on.name, key)).eq(text);
    }
    let column = column(&name);
    let same = |value: &Value| value.clone();
    compared!((condition), column, operation, same)
        .or_else(|| contained!((condition), column, operation, same))
        .or_else(|| overlapping!((condition), column, operation, same))
        .or_else(|| ranged!((condition), column, operation, same))
        .or_else(|| text_matched!((condition), column, operation))
        .or_else(|| truths!((condition), column, operation))
        .expect("an operation that has a method")
}

/// As a filter of the untyped builder, on the table itself or under the path of an embedded resource.
pub fn untyped_filter<R>(
    select: Select<Untyped, Raw<R>>,
    path: &str,
    on: Column,
    operation: &Operation,
) -> Select<Untyped, Raw<R>> {
    let name = format!("{path}{}", quoted(on.name));
    if let Operation::JsonText(key, text) = operation {
        return select.eq(&format!("{path}{}", json_name(on.name, key)), text);
    }
    let name = name.as_str();
    let same = |value: &Value| value.clone();
    compared!((builder select.clone()), name, operation, same)
        .or_else(|| contained!((builder select.clone()), name, operation, same))
        .or_else(|| overlapping!((builder select.clone()), name, operation, same))
        .or_else(|| ranged!((builder select.clone()), name, operation, same))
        .or_else(|| text_matched!((builder select.clone()), name, operation))
        .or_else(|| truths!((builder select.clone()), name, operation))
        .expect("an operation that has a method")
}

/// The name as a caller of the untyped builder writes it: dots and arrows inside it are quoted, since
/// they would mean a path; the rest is the builder's care.
fn quoted(name: &str) -> String {
    if name.contains(['.']) || name.contains("->") { format!("\"{name}\"") } else { name.to_owned() }
}

/// A path into a document; a key with an arrow or of digits is quoted by the caller.
fn json_name(name: &str, key: &str) -> String {
    if key.contains("->") || key.parse::<i64>().is_ok() {
        format!("{name}->>\"{key}\"")
    } else {
        format!("{name}->>{key}")
    }
}

/// The text that a value is.
fn text_of(value: &Value) -> String {
    match value {
        Value::Text(text) => text.clone(),
        other => unreachable!("{other:?} in a text"),
    }
}

macro_rules! of_text {
    ($sink:tt, $operation:expr, $column:expr) => {
        compared!($sink, $column, $operation, text_of).or_else(|| text_matched!($sink, $column, $operation))
    };
}

/// What a value is to a column.
macro_rules! got {
    ($variant:ident $ty:ty) => {
        |value: &Value| -> $ty {
            match value {
                Value::$variant(value) => value.clone().try_into().expect("a value of the kind"),
                other => unreachable!("{other:?} in the wrong column"),
            }
        }
    };
}

macro_rules! of {
    ($sink:tt, $operation:expr, $column:expr, $variant:ident $ty:ty) => {
        compared!($sink, $column, $operation, got!($variant $ty))
    };
}

macro_rules! of_contained {
    ($sink:tt, $operation:expr, $column:expr, $variant:ident $ty:ty) => {
        contained!($sink, $column, $operation, got!($variant $ty))
    };
}

macro_rules! of_array {
    ($sink:tt, $operation:expr, $column:expr, $variant:ident $ty:ty) => {{
        let get = |value: &Value| -> Vec<Option<$ty>> {
            let Value::Array(elements) = value else { unreachable!("{value:?} in an array") };
            elements.iter().map(|element| element.as_ref().map(got!($variant $ty))).collect()
        };
        compared!($sink, $column, $operation, get)
            .or_else(|| contained!($sink, $column, $operation, get))
            .or_else(|| overlapping!($sink, $column, $operation, get))
    }};
}

macro_rules! of_range {
    ($sink:tt, $operation:expr, $column:expr, $get:expr) => {
        compared!($sink, $column, $operation, $get)
            .or_else(|| contained!($sink, $column, $operation, $get))
            .or_else(|| overlapping!($sink, $column, $operation, $get))
            .or_else(|| ranged!($sink, $column, $operation, $get))
    };
}

/// The arms of every column: its marker, and what a value is to it.
macro_rules! typed {
    ($sink:tt, $on:expr, $operation:expr) => {{
        use specimens as t;
        match $on.name {
            "c_text" => of_text!($sink, $operation, t::c_text),
            "c_varchar" => of_text!($sink, $operation, t::c_varchar),
            "c_citext" => of_text!($sink, $operation, t::c_citext),
            "order" => of_text!($sink, $operation, t::order),
            "limit" => of_text!($sink, $operation, t::limit),
            "select" => of_text!($sink, $operation, t::select),
            "and" => of_text!($sink, $operation, t::and),
            "not" => of_text!($sink, $operation, t::not),
            "on_conflict" => of_text!($sink, $operation, t::on_conflict),
            "two words" => of_text!($sink, $operation, t::two_words),
            "dot.ted" => of_text!($sink, $operation, t::dot_ted),
            "comma,ed" => of_text!($sink, $operation, t::comma_ed),
            "say \"hi\"" => of_text!($sink, $operation, t::say__hi_),
            "par(en)" => of_text!($sink, $operation, t::par_en_),
            "back\\slash" => of_text!($sink, $operation, t::back_slash),
            "größe" => of_text!($sink, $operation, t::größe),
            "arrow->x" => of_text!($sink, $operation, t::arrow__x),
            "am&p=" => of_text!($sink, $operation, t::am_p_),
            "percent%41" => of_text!($sink, $operation, t::percent_41),
            "c_int2" => of!($sink, $operation, t::c_int2, Int i16),
            "c_int4" => of!($sink, $operation, t::c_int4, Int i32),
            "c_int8" => of!($sink, $operation, t::c_int8, Int i64),
            "c_float4" => of!($sink, $operation, t::c_float4, Float4 f32),
            "c_float8" => of!($sink, $operation, t::c_float8, Float8 f64),
            "c_numeric" => of!($sink, $operation, t::c_numeric, Numeric supabase_core::types::Decimal),
            "c_bool" => of!($sink, $operation, t::c_bool, Bool bool).or_else(|| truths!($sink, t::c_bool, $operation)),
            "c_uuid" => of!($sink, $operation, t::c_uuid, Uuid supabase_core::types::Uuid),
            "c_date" => of!($sink, $operation, t::c_date, Date chrono::NaiveDate),
            "c_time" => of!($sink, $operation, t::c_time, Time chrono::NaiveTime),
            "c_timestamp" => of!($sink, $operation, t::c_timestamp, Timestamp chrono::NaiveDateTime),
            "c_timestamptz" => of!($sink, $operation, t::c_timestamptz, Timestamptz chrono::DateTime<chrono::Utc>),
            "c_bytea" => of!($sink, $operation, t::c_bytea, Bytea supabase_core::types::Bytea),
            "c_mood" => of!($sink, $operation, t::c_mood, Mood super::db::enums::Mood),
            "c_jsonb" => of!($sink, $operation, t::c_jsonb, Jsonb serde_json::Value)
                .or_else(|| of_contained!($sink, $operation, t::c_jsonb, Jsonb serde_json::Value))
                .or_else(|| json_texts!($sink, t::c_jsonb, $operation)),
            "c_texts" => of_array!($sink, $operation, t::c_texts, Text String),
            "c_ints" => of_array!($sink, $operation, t::c_ints, Int i32),
            "c_moods" => of_array!($sink, $operation, t::c_moods, Mood super::db::enums::Mood),
            "c_moments" => of_array!($sink, $operation, t::c_moments, Timestamptz chrono::DateTime<chrono::Utc>),
            "c_int4range" => of_range!($sink, $operation, t::c_int4range, super::typed::int4range),
            "c_numrange" => of_range!($sink, $operation, t::c_numrange, super::typed::numrange),
            "c_daterange" => of_range!($sink, $operation, t::c_daterange, super::typed::daterange),
            "c_tsrange" => of_range!($sink, $operation, t::c_tsrange, super::typed::tsrange),
            "c_tstzrange" => of_range!($sink, $operation, t::c_tstzrange, super::typed::tstzrange),
            "c_int4multirange" => of_range!($sink, $operation, t::c_int4multirange, super::typed::int4multirange),
            "c_bpchar" => of_text!($sink, $operation, t::c_bpchar),
            "c_name" => of_text!($sink, $operation, t::c_name),
            "c_word" => of_text!($sink, $operation, t::c_word),
            "c_timetz" => of!($sink, $operation, t::c_timetz, Text String),
            "c_span" => of!($sink, $operation, t::c_span, Text String),
            "c_money" => of!($sink, $operation, t::c_money, Text String),
            "c_macaddr" => of!($sink, $operation, t::c_macaddr, Text String),
            "c_macaddr8" => of!($sink, $operation, t::c_macaddr8, Text String),
            "c_bit" => of!($sink, $operation, t::c_bit, Text String),
            "c_varbit" => of!($sink, $operation, t::c_varbit, Text String),
            "c_inet" => of!($sink, $operation, t::c_inet, Text String).or_else(|| overlapping!($sink, t::c_inet, $operation, text_of)),
            "c_cidr" => of!($sink, $operation, t::c_cidr, Text String).or_else(|| overlapping!($sink, t::c_cidr, $operation, text_of)),
            "c_tsvector" => of!($sink, $operation, t::c_tsvector, Text String).or_else(|| searched!($sink, t::c_tsvector, $operation)),
            "c_tsquery" => of!($sink, $operation, t::c_tsquery, Text String).or_else(|| contained!($sink, t::c_tsquery, $operation, text_of)),
            "c_ltree" => of!($sink, $operation, t::c_ltree, Text String).or_else(|| contained!($sink, t::c_ltree, $operation, text_of)),
            "c_positive" => of!($sink, $operation, t::c_positive, Int i32),
            "c_oid" => of!($sink, $operation, t::c_oid, Int u32),
            "c_interval" => of!($sink, $operation, t::c_interval, Duration chrono::TimeDelta),
            "c_xml" => nulls!($sink, t::c_xml, $operation),
            "c_point" => nulls!($sink, t::c_point, $operation),
            "c_json" => nulls!($sink, t::c_json, $operation).or_else(|| json_texts!($sink, t::c_json, $operation)),
            "c_place" => nulls!($sink, t::c_place, $operation).or_else(|| json_texts!($sink, t::c_place, $operation)),
            "c_hstore" => {
                let get = |value: &Value| match value {
                    Value::Hstore(pairs) => pairs.clone(),
                    other => unreachable!("{other:?} in an hstore"),
                };
                equated!($sink, t::c_hstore, $operation, get).or_else(|| contained!($sink, t::c_hstore, $operation, get))
            }
            "c_bools" => of_array!($sink, $operation, t::c_bools, Bool bool),
            "c_longs" => of_array!($sink, $operation, t::c_longs, Int i64),
            "c_doubles" => of_array!($sink, $operation, t::c_doubles, Float8 f64),
            "c_numerics" => of_array!($sink, $operation, t::c_numerics, Numeric supabase_core::types::Decimal),
            "c_uuids" => of_array!($sink, $operation, t::c_uuids, Uuid supabase_core::types::Uuid),
            "c_dates" => of_array!($sink, $operation, t::c_dates, Date chrono::NaiveDate),
            "c_blobs" => of_array!($sink, $operation, t::c_blobs, Bytea supabase_core::types::Bytea),
            "c_documents" => of_array!($sink, $operation, t::c_documents, Jsonb serde_json::Value),
            "c_places" => of_array!($sink, $operation, t::c_places, Place super::db::types::Place),
            "c_spans" => {
                let get = super::typed::int4ranges;
                compared!($sink, t::c_spans, $operation, get)
                    .or_else(|| contained!($sink, t::c_spans, $operation, get))
                    .or_else(|| overlapping!($sink, t::c_spans, $operation, get))
            }
            "c_int8range" => of_range!($sink, $operation, t::c_int8range, super::typed::int8range),
            "c_int8multirange" => of_range!($sink, $operation, t::c_int8multirange, super::typed::int8multirange),
            "c_nummultirange" => of_range!($sink, $operation, t::c_nummultirange, super::typed::nummultirange),
            "c_datemultirange" => of_range!($sink, $operation, t::c_datemultirange, super::typed::datemultirange),
            "c_tsmultirange" => of_range!($sink, $operation, t::c_tsmultirange, super::typed::tsmultirange),
            "c_tstzmultirange" => of_range!($sink, $operation, t::c_tstzmultirange, super::typed::tstzmultirange),
            other => unreachable!("column {other}"),
        }
        .expect("an operation that has a method")
    }};
}

/// The same of the table that is embedded.
macro_rules! typed_part {
    ($sink:tt, $on:expr, $operation:expr) => {{
        use parts as t;
        match $on.name {
            "c_text" => of_text!($sink, $operation, t::c_text),
            "order" => of_text!($sink, $operation, t::order),
            "two words" => of_text!($sink, $operation, t::two_words),
            "c_numeric" => of!($sink, $operation, t::c_numeric, Numeric supabase_core::types::Decimal),
            "c_timestamptz" => of!($sink, $operation, t::c_timestamptz, Timestamptz chrono::DateTime<chrono::Utc>),
            "c_mood" => of!($sink, $operation, t::c_mood, Mood super::db::enums::Mood),
            "c_jsonb" => of!($sink, $operation, t::c_jsonb, Jsonb serde_json::Value)
                .or_else(|| of_contained!($sink, $operation, t::c_jsonb, Jsonb serde_json::Value))
                .or_else(|| json_texts!($sink, t::c_jsonb, $operation)),
            "c_texts" => of_array!($sink, $operation, t::c_texts, Text String),
            "c_int4range" => of_range!($sink, $operation, t::c_int4range, super::typed::int4range),
            other => unreachable!("column {other}"),
        }
        .expect("an operation that has a method")
    }};
}

/// As a filter of the related rows of the typed builder, which decides which rows are kept.
pub fn having_filter(having: Having<parts::Table>, on: Column, operation: &Operation) -> Having<parts::Table> {
    let having = Cell::new(Some(having));
    typed_part!((builder having.take().expect("one filter")), on, operation)
}

/// As a condition on an embedded row of the typed builder.
pub fn part_condition(on: Column, operation: &Operation) -> Condition<parts::Table> {
    typed_part!((condition), on, operation)
}

/// As a condition of the typed builder.
pub fn typed_condition(on: Column, operation: &Operation) -> Condition<specimens::Table> {
    typed!((condition), on, operation)
}

/// As a filter of the typed builder.
pub fn typed_filter<S: Selection<specimens::Table>>(
    select: Select<specimens::Table, S>,
    on: Column,
    operation: &Operation,
) -> Select<specimens::Table, S> {
    typed!((builder select.clone()), on, operation)
}

// ---- told to SQL -----------------------------------------------------------------------------------

/// Appends the condition as SQL.
pub fn sql(out: &mut Sql, on: Column, operation: &Operation) {
    let name = format!("\"{}\"", on.name.replace('"', "\"\""));
    match operation {
        Operation::Compare(operator, value) => {
            out.push(&name).push(" ").push(sql_operator(operator)).push(" ").value(on.kind, value);
        }
        Operation::In(negated, values) => {
            if values.is_empty() {
                out.push(if *negated { "true" } else { "false" });
                return;
            }
            out.push(&name).push(if *negated { " not in (" } else { " in (" });
            for (at, value) in values.iter().enumerate() {
                if at > 0 {
                    out.push(", ");
                }
                out.value(on.kind, value);
            }
            out.push(")");
        }
        Operation::IsNull(null) => {
            // A composite may be neither NULL nor NOT NULL; the server says `not (.. is null)`.
            out.push(if *null { "" } else { "not " }).push(&name).push(" is null");
        }
        Operation::IsTrue => {
            out.push(&name).push(" is true");
        }
        Operation::IsFalse => {
            out.push(&name).push(" is false");
        }
        Operation::IsUnknown => {
            out.push(&name).push(" is unknown");
        }
        Operation::Like { any_case, pattern } => {
            out.push(&name).push(if *any_case { " ilike " } else { " like " }).bind(pattern.as_str(), "text");
        }
        Operation::LikeMany { any_case, all, patterns } => {
            out.push("(");
            for (at, pattern) in patterns.iter().enumerate() {
                if at > 0 {
                    out.push(if *all { " and " } else { " or " });
                }
                out.push(&name).push(if *any_case { " ilike " } else { " like " }).bind(pattern.as_str(), "text");
            }
            out.push(")");
        }
        Operation::Regex { any_case, pattern } => {
            out.push(&name).push(if *any_case { " ~* " } else { " ~ " }).bind(pattern.as_str(), "text");
        }
        Operation::Search(operator, text) => {
            let (operator, config) = operator.trim_end_matches(')').split_once('(').unwrap_or((operator, ""));
            let function = match operator {
                "plfts" => "plainto_tsquery",
                "phfts" => "phraseto_tsquery",
                _ => "websearch_to_tsquery",
            };
            out.push(&name).push(" @@ ").push(function).push("(");
            if !config.is_empty() {
                out.push(&format!("'{config}', "));
            }
            out.bind(text.as_str(), "text").push(")");
        }
        Operation::JsonText(key, text) => {
            let document = if on.kind == Kind::Place { format!("to_jsonb({name})") } else { name };
            out.push(&document).push(" ->> ").bind(key.as_str(), "text").push(" = ").bind(text.as_str(), "text");
        }
    }
}

// ---- trees -----------------------------------------------------------------------------------------

/// A logic tree.
#[derive(Debug, Clone)]
#[allow(missing_docs, reason = "named after the functions")]
pub enum Tree {
    Leaf(Column, Operation),
    All(Vec<Tree>),
    Any(Vec<Tree>),
    Not(Box<Tree>),
}

impl Tree {
    /// As a condition of the untyped builder.
    pub fn untyped(&self) -> Condition<Untyped> {
        match self {
            Self::Leaf(on, operation) => untyped_condition(*on, operation),
            Self::All(parts) => all(parts.iter().map(Self::untyped).collect::<Vec<_>>()),
            Self::Any(parts) => any(parts.iter().map(Self::untyped).collect::<Vec<_>>()),
            Self::Not(part) => not(part.untyped()),
        }
    }

    /// As a condition of the typed builder.
    pub fn typed(&self) -> Condition<specimens::Table> {
        match self {
            Self::Leaf(on, operation) => typed_condition(*on, operation),
            Self::All(parts) => all(parts.iter().map(Self::typed).collect::<Vec<_>>()),
            Self::Any(parts) => any(parts.iter().map(Self::typed).collect::<Vec<_>>()),
            Self::Not(part) => not(part.typed()),
        }
    }

    /// As a condition on an embedded row of the typed builder.
    pub fn part(&self) -> Condition<parts::Table> {
        match self {
            Self::Leaf(on, operation) => part_condition(*on, operation),
            Self::All(parts) => all(parts.iter().map(Self::part).collect::<Vec<_>>()),
            Self::Any(parts) => any(parts.iter().map(Self::part).collect::<Vec<_>>()),
            Self::Not(part) => not(part.part()),
        }
    }

    /// As SQL.
    pub fn sql(&self, out: &mut Sql) {
        match self {
            Self::Leaf(on, operation) => {
                out.push("(");
                sql(out, *on, operation);
                out.push(")");
            }
            Self::All(parts) | Self::Any(parts) => {
                out.push("(");
                for (at, part) in parts.iter().enumerate() {
                    if at > 0 {
                        out.push(if matches!(self, Self::All(_)) { " and " } else { " or " });
                    }
                    part.sql(out);
                }
                out.push(")");
            }
            Self::Not(part) => {
                out.push("(not ");
                part.sql(out);
                out.push(")");
            }
        }
    }
}

/// Proof for the compiler that the columns are operands.
const _: fn(specimens::c_text) = |column| drop(column.is_null());
