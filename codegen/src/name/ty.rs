//! SQL types as Rust spells them: the marker that decides the operators, and the type that a value decodes into.

use std::collections::BTreeMap;

use crate::config::Dates;
use crate::model::column::Column;
use crate::model::ty::{Scalar, SqlType};
use crate::sources::catalog::Oid;

use super::ident::Ident;

/// A marker of `supabase_core::schema::sql`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Marker {
    /// A marker without parameters.
    Leaf(&'static str),
    /// `Array`, `Range` or `Multirange` of another.
    Of(&'static str, Box<Marker>),
    /// `Enum` or `Composite` of a generated type.
    Named(&'static str, TypeHome),
}

/// A type of Rust.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RustType {
    /// `::core::primitive::…`
    Primitive(&'static str),
    /// `::std::string::String`
    String,
    /// A type of `supabase_core::types`.
    Library(&'static str),
    /// A generic type of `supabase_core::types`.
    LibraryOf(&'static str, Box<RustType>),
    /// `::std::vec::Vec<…>`
    Vec(Box<RustType>),
    /// `::core::option::Option<…>`
    Option(Box<RustType>),
    /// A generated type.
    Named(TypeHome),
    /// As the configuration spells it.
    User(String),
}

/// Where a generated type is found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TypeHome {
    /// Index of the schema.
    pub schema: usize,
    /// `enums` or `types`.
    pub module: &'static str,
    /// Its name there.
    pub ident: Ident,
}

/// Generated types by OID, and which library has the types of dates.
#[derive(Debug, Clone, Default)]
pub struct Homes {
    /// Enums, composites and domains.
    pub types: BTreeMap<Oid, TypeHome>,
    /// The library for dates and times.
    pub dates: Dates,
}

impl Homes {
    /// Where a type is found.
    #[must_use]
    pub fn get(&self, oid: &Oid) -> Option<&TypeHome> {
        self.types.get(oid)
    }
}

/// The marker of a type.
#[must_use]
pub fn marker(ty: &SqlType, homes: &Homes) -> Marker {
    match ty {
        SqlType::Scalar(scalar) => Marker::Leaf(leaf(*scalar)),
        SqlType::Array(inner) => Marker::Of("Array", Box::new(marker(inner, homes))),
        SqlType::Range(inner) => Marker::Of("Range", Box::new(marker(inner, homes))),
        SqlType::Multirange(inner) => Marker::Of("Multirange", Box::new(marker(inner, homes))),
        SqlType::Enum(oid) => {
            homes.get(oid).map_or(Marker::Leaf("Unknown"), |home| Marker::Named("Enum", home.clone()))
        }
        SqlType::Composite(oid) => {
            homes.get(oid).map_or(Marker::Leaf("Unknown"), |home| Marker::Named("Composite", home.clone()))
        }
        // Its operators are those of its base.
        SqlType::Domain(_, base) => marker(base, homes),
    }
}

fn leaf(scalar: Scalar) -> &'static str {
    match scalar {
        Scalar::Bool => "Bool",
        Scalar::Int2 => "Int2",
        Scalar::Int4 => "Int4",
        Scalar::Int8 => "Int8",
        Scalar::Oid => "Oid",
        Scalar::Float4 => "Float4",
        Scalar::Float8 => "Float8",
        Scalar::Numeric => "Numeric",
        Scalar::Money => "Money",
        Scalar::Text => "Text",
        Scalar::Uuid => "Uuid",
        Scalar::Date => "Date",
        Scalar::Time => "Time",
        Scalar::Timetz => "Timetz",
        Scalar::Timestamp => "Timestamp",
        Scalar::Timestamptz => "Timestamptz",
        Scalar::Interval => "Interval",
        Scalar::Json => "Json",
        Scalar::Jsonb => "Jsonb",
        Scalar::Bytea => "Bytea",
        Scalar::Inet => "Inet",
        Scalar::Cidr => "Cidr",
        Scalar::Macaddr => "Macaddr",
        Scalar::Tsvector => "Tsvector",
        Scalar::Tsquery => "Tsquery",
        Scalar::Xml => "Xml",
        Scalar::Bit => "Bit",
        Scalar::Geometric => "Geometric",
        Scalar::Hstore => "Hstore",
        Scalar::Ltree => "Ltree",
        Scalar::Vector => "Vector",
        Scalar::Geo => "Geo",
        Scalar::System => "System",
        Scalar::Opaque => "Opaque",
        Scalar::Unknown => "Unknown",
    }
}

/// The type of a value that is not NULL.
#[must_use]
pub fn value(ty: &SqlType, homes: &Homes, nullable_elements: bool) -> RustType {
    match ty {
        SqlType::Scalar(scalar) => scalar_value(*scalar, homes.dates),
        SqlType::Array(inner) => {
            let element = value(inner, homes, false);
            RustType::Vec(Box::new(if nullable_elements { RustType::Option(Box::new(element)) } else { element }))
        }
        SqlType::Range(inner) => RustType::LibraryOf("PgRange", Box::new(value(inner.below(), homes, false))),
        SqlType::Multirange(inner) => RustType::LibraryOf("PgMultirange", Box::new(value(inner.below(), homes, false))),
        SqlType::Enum(oid) | SqlType::Composite(oid) => {
            homes.get(oid).map_or(RustType::String, |home| RustType::Named(home.clone()))
        }
        SqlType::Domain(oid, base) => match homes.get(oid) {
            Some(home) => RustType::Named(home.clone()),
            None => value(base, homes, nullable_elements),
        },
    }
}

fn scalar_value(scalar: Scalar, dates: Dates) -> RustType {
    // In the order of `Dates`.
    let date = |chrono, time, jiff| {
        RustType::Library(match dates {
            Dates::Chrono => chrono,
            Dates::Time => time,
            Dates::Jiff => jiff,
        })
    };
    match scalar {
        Scalar::Bool => RustType::Primitive("bool"),
        Scalar::Int2 => RustType::Primitive("i16"),
        Scalar::Int4 => RustType::Primitive("i32"),
        Scalar::Int8 => RustType::Primitive("i64"),
        Scalar::Oid => RustType::Primitive("u32"),
        Scalar::Float4 => RustType::Primitive("f32"),
        Scalar::Float8 => RustType::Primitive("f64"),
        Scalar::Numeric => RustType::Library("Decimal"),
        Scalar::Uuid => RustType::Library("Uuid"),
        Scalar::Date => date("NaiveDate", "time::Date", "jiff::Date"),
        Scalar::Time => date("NaiveTime", "time::Time", "jiff::Time"),
        Scalar::Timestamp => date("NaiveDateTime", "time::PrimitiveDateTime", "jiff::DateTime"),
        Scalar::Timestamptz => date("DateTimeUtc", "time::OffsetDateTime", "jiff::Timestamp"),
        Scalar::Json | Scalar::Jsonb | Scalar::Geo => RustType::Library("JsonValue"),
        Scalar::Bytea => RustType::Library("Bytea"),
        Scalar::Hstore => RustType::Library("Hstore"),
        Scalar::Money
        | Scalar::Text
        | Scalar::Timetz
        | Scalar::Interval
        | Scalar::Inet
        | Scalar::Cidr
        | Scalar::Macaddr
        | Scalar::Tsvector
        | Scalar::Tsquery
        | Scalar::Xml
        | Scalar::Bit
        | Scalar::Geometric
        | Scalar::Ltree
        | Scalar::Vector
        | Scalar::System
        | Scalar::Opaque
        | Scalar::Unknown => RustType::String,
    }
}

/// A list of lists for each further dimension of an array.
fn dimensional(ty: RustType, dimensions: u8) -> RustType {
    match ty {
        RustType::Vec(_) => (1..dimensions).fold(ty, |inner, _| RustType::Vec(Box::new(inner))),
        other => other,
    }
}

/// The type of a column's value, `Option` where it may be NULL, with the wishes of the configuration.
#[must_use]
pub fn column(column: &Column, homes: &Homes) -> RustType {
    let plain = match &column.rust_type {
        Some(user) if column.json => RustType::LibraryOf("Json", Box::new(RustType::User(user.clone()))),
        Some(user) => RustType::User(user.clone()),
        None => dimensional(value(&column.ty, homes, column.nullable_elements), column.dimensions),
    };
    if column.nullable { RustType::Option(Box::new(plain)) } else { plain }
}
