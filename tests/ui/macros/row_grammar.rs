//! What is not a row.

#[path = "../schema/mod.rs"]
mod schema;

use schema::planets;
use supabase_core::prelude::*;

#[derive(Row)]
struct NoTable {
    id: i64,
}

#[derive(Row)]
#[row(planets)]
struct Tuple(i64);

#[derive(Row)]
#[row(planets)]
struct Generic<T> {
    id: T,
}

#[derive(Row)]
#[row(planets)]
struct Twice {
    id: i64,
    #[row(column = id)]
    again: i64,
    #[row(colum = name)]
    name: String,
}

fn main() {}
