//! A value of any kind, as a caller of the untyped builder would pass it.

use supabase_core::query::ValueWriter;
use supabase_core::schema::ToValue;
use supabase_core::types::PgRange;

/// A value that is known only at run time.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// SQL NULL.
    Null,
    /// A truth value.
    Bool(bool),
    /// A whole number.
    Integer(i128),
    /// A double.
    Float(f64),
    /// Text, or a literal in PostgreSQL's own spelling.
    Text(String),
    /// A list.
    List(Vec<Value>),
    /// A document.
    Json(serde_json::Value),
    /// A range between two open bounds.
    Open(Box<Value>, Box<Value>),
}

impl ToValue for Value {
    fn write(&self, out: &mut ValueWriter<'_>) {
        match self {
            Self::Null => out.null(),
            Self::Bool(value) => out.bool(*value),
            Self::Integer(value) => out.integer(*value),
            Self::Float(value) => out.float(*value),
            Self::Text(value) => out.text(value),
            Self::List(values) => out.array(values.iter()),
            Self::Json(document) => out.json(document),
            Self::Open(lower, upper) => out.range(PgRange::open(lower, upper).as_bounds()),
        }
    }
}
