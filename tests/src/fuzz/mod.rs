//! Random values, operators, trees and rows, through our client against a real server, and the same in
//! SQL: both have to select the same rows, and what was written has to be what is read.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "this is a test: it fails by panicking")]

#[allow(missing_docs, clippy::all, reason = "generated")]
pub mod db;
pub mod operation;
pub mod random;
pub mod rows;
pub mod run;
pub mod typed;
pub mod value;

pub use run::{Options, Report, run};

use operation::Column;
use value::Kind;

/// The columns of the table.
pub const COLUMNS: &[Column] = &[
    column("c_text", Kind::Text),
    column("c_varchar", Kind::Varchar),
    column("c_citext", Kind::Citext),
    column("order", Kind::Text),
    column("limit", Kind::Text),
    column("select", Kind::Text),
    column("and", Kind::Text),
    column("not", Kind::Text),
    column("on_conflict", Kind::Text),
    column("two words", Kind::Text),
    column("dot.ted", Kind::Text),
    column("comma,ed", Kind::Text),
    column("say \"hi\"", Kind::Text),
    column("par(en)", Kind::Text),
    column("back\\slash", Kind::Text),
    column("größe", Kind::Text),
    column("arrow->x", Kind::Text),
    column("am&p=", Kind::Text),
    column("percent%41", Kind::Text),
    column("c_int2", Kind::Int2),
    column("c_int4", Kind::Int4),
    column("c_int8", Kind::Int8),
    column("c_float4", Kind::Float4),
    column("c_float8", Kind::Float8),
    column("c_numeric", Kind::Numeric),
    column("c_bool", Kind::Bool),
    column("c_uuid", Kind::Uuid),
    column("c_date", Kind::Date),
    column("c_time", Kind::Time),
    column("c_timestamp", Kind::Timestamp),
    column("c_timestamptz", Kind::Timestamptz),
    column("c_bytea", Kind::Bytea),
    column("c_mood", Kind::Mood),
    column("c_jsonb", Kind::Jsonb),
    column("c_texts", Kind::Texts),
    column("c_ints", Kind::Ints),
    column("c_moods", Kind::Moods),
    column("c_moments", Kind::Moments),
    column("c_int4range", Kind::Int4range),
    column("c_numrange", Kind::Numrange),
    column("c_daterange", Kind::Daterange),
    column("c_tsrange", Kind::Tsrange),
    column("c_tstzrange", Kind::Tstzrange),
    column("c_int4multirange", Kind::Int4multirange),
    column("c_bpchar", Kind::Bpchar),
    column("c_name", Kind::Name),
    column("c_word", Kind::Word),
    column("c_positive", Kind::Positive),
    column("c_oid", Kind::Oid),
    column("c_timetz", Kind::Timetz),
    column("c_interval", Kind::Interval),
    column("c_span", Kind::Span),
    column("c_money", Kind::Money),
    column("c_inet", Kind::Inet),
    column("c_cidr", Kind::Cidr),
    column("c_macaddr", Kind::Macaddr),
    column("c_macaddr8", Kind::Macaddr8),
    column("c_bit", Kind::Bit),
    column("c_varbit", Kind::Varbit),
    column("c_tsvector", Kind::Tsvector),
    column("c_tsquery", Kind::Tsquery),
    column("c_ltree", Kind::Ltree),
    column("c_xml", Kind::Xml),
    column("c_json", Kind::Json),
    column("c_point", Kind::Point),
    column("c_hstore", Kind::Hstore),
    column("c_place", Kind::Place),
    column("c_bools", Kind::Bools),
    column("c_longs", Kind::Longs),
    column("c_doubles", Kind::Doubles),
    column("c_numerics", Kind::Numerics),
    column("c_uuids", Kind::Uuids),
    column("c_dates", Kind::Dates),
    column("c_blobs", Kind::Blobs),
    column("c_documents", Kind::Documents),
    column("c_spans", Kind::Spans),
    column("c_places", Kind::Places),
    column("c_int8range", Kind::Int8range),
    column("c_int8multirange", Kind::Int8multirange),
    column("c_nummultirange", Kind::Nummultirange),
    column("c_datemultirange", Kind::Datemultirange),
    column("c_tsmultirange", Kind::Tsmultirange),
    column("c_tstzmultirange", Kind::Tstzmultirange),
];

/// The columns of the table that is embedded.
pub const PARTS: &[Column] = &[
    column("c_text", Kind::Text),
    column("order", Kind::Text),
    column("two words", Kind::Text),
    column("c_numeric", Kind::Numeric),
    column("c_timestamptz", Kind::Timestamptz),
    column("c_mood", Kind::Mood),
    column("c_jsonb", Kind::Jsonb),
    column("c_texts", Kind::Texts),
    column("c_int4range", Kind::Int4range),
];

const fn column(name: &'static str, kind: Kind) -> Column {
    Column { name, kind }
}
