//! The values that columns hold, each as PostgREST sends it.

mod bytea;
#[cfg(any(feature = "time", feature = "jiff"))]
mod calendar;
mod decimal;
mod document;
mod float;
mod hstore;
mod integer;
mod range;
mod string;
mod time;
mod uuid;
mod vector;

/// What a user does with a value that the Rust type has no room for.
const AS_TEXT: &str = "select the column as text (`column as text` in `select!`) to read such a value";
