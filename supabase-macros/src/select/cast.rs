//! `mass as text`: the SQL types that a column can be cast to, and what they decode into.

use proc_macro2::{Ident, TokenStream};
use quote::quote;

use crate::words::{nearest, plain};

/// A cast.
pub(crate) struct Cast {
    /// The SQL name.
    pub(crate) sql: &'static str,
    /// The Rust type of a value.
    pub(crate) ty: TokenStream,
    /// The marker of the SQL type, by which aggregates are decided.
    pub(crate) marker: TokenStream,
}

const NAMES: &[&str] = &[
    "text",
    "varchar",
    "int2",
    "smallint",
    "int4",
    "int",
    "integer",
    "int8",
    "bigint",
    "float4",
    "real",
    "float8",
    "numeric",
    "decimal",
    "bool",
    "boolean",
    "date",
    "time",
    "timestamp",
    "timestamptz",
    "interval",
    "uuid",
    "json",
    "jsonb",
    "bytea",
    "inet",
    "cidr",
];

impl Cast {
    /// The cast that a word asks for.
    pub(crate) fn new(word: &Ident) -> syn::Result<Self> {
        let text = plain(word);
        let Some(sql) = NAMES.iter().find(|name| **name == text) else {
            let suggestion = match nearest(&text, NAMES) {
                _ if text == "double" => "write `float8`".to_owned(),
                Some(name) => format!("did you mean `{name}`?"),
                None => format!("a cast is to one of {}", NAMES.join(", ")),
            };
            return Err(syn::Error::new(word.span(), format!("unknown type `{text}` in a cast: {suggestion}")));
        };
        let (ty, marker) = match *sql {
            "int2" | "smallint" => (quote!(::core::primitive::i16), quote!(Int2)),
            "int4" | "int" | "integer" => (quote!(::core::primitive::i32), quote!(Int4)),
            "int8" | "bigint" => (quote!(::core::primitive::i64), quote!(Int8)),
            "float4" | "real" => (quote!(::core::primitive::f32), quote!(Float4)),
            "float8" => (quote!(::core::primitive::f64), quote!(Float8)),
            "numeric" | "decimal" => (quote!(::supabase_core::types::Decimal), quote!(Numeric)),
            "bool" | "boolean" => (quote!(::core::primitive::bool), quote!(Bool)),
            "date" => (quote!(::supabase_core::types::NaiveDate), quote!(Date)),
            "time" => (quote!(::supabase_core::types::NaiveTime), quote!(Time)),
            "timestamp" => (quote!(::supabase_core::types::NaiveDateTime), quote!(Timestamp)),
            "timestamptz" => (quote!(::supabase_core::types::DateTimeUtc), quote!(Timestamptz)),
            "uuid" => (quote!(::supabase_core::types::Uuid), quote!(Uuid)),
            "json" => (quote!(::supabase_core::types::JsonValue), quote!(Json)),
            "jsonb" => (quote!(::supabase_core::types::JsonValue), quote!(Jsonb)),
            "bytea" => (quote!(::supabase_core::types::Bytea), quote!(Bytea)),
            "interval" => (quote!(::std::string::String), quote!(Interval)),
            "inet" => (quote!(::std::string::String), quote!(Inet)),
            "cidr" => (quote!(::std::string::String), quote!(Cidr)),
            _ => (quote!(::std::string::String), quote!(Text)),
        };
        Ok(Self { sql, ty, marker: quote!(::supabase_core::schema::sql::#marker) })
    }
}
