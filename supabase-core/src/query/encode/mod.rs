//! The only place that quotes, escapes and joins values.
//!
//! A value meets up to four grammars, one inside the other: a percent-encoded query string, the
//! lists and logic trees of PostgREST, the literals of PostgreSQL (arrays, ranges, composites), and
//! JSON. All of the quoting ones use `"…"` with `\` before a quote or a backslash, so one count of
//! open quotes says how often each is escaped.

mod argument;
mod date;
mod json;
mod object;
mod short;
#[cfg(test)]
mod tests;
mod value;

pub use argument::ArgumentWriter;
pub use object::ObjectWriter;
pub use value::ValueWriter;

pub(crate) use object::Columns;

use std::fmt;

/// Why a value cannot be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum ValueError {
    /// PostgreSQL text cannot hold NUL, and servers cut at it.
    Nul,
    /// The JSON encoder refused the document.
    Json(String),
    /// NULL where the grammar has no way to say it.
    Null,
}

impl fmt::Display for ValueError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Nul => out.write_str("the value holds a NUL character, which PostgreSQL text cannot"),
            Self::Json(why) => write!(out, "the value cannot be written as JSON: {why}"),
            Self::Null => out.write_str("the value is NULL, which this place cannot say; use `is_null`"),
        }
    }
}

/// Where the next value stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// The rest of a parameter: nothing ends it, nothing is quoted.
    Bare,
    /// An item of `in.(…)` or a value in a logic tree: ends at `,` or `)`.
    Item,
    /// An element of an array literal.
    Element,
    /// A bound of a range or an attribute of a composite.
    Part,
    /// JSON.
    Json,
}
