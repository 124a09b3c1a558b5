//! What is not one value.

#[path = "../schema/mod.rs"]
mod schema;

use schema::planets;
use supabase_core::prelude::*;

#[derive(Value)]
struct Pair(i64, i64);

#[derive(Value)]
enum Kind {
    Rocky,
    Gas(f64),
}

#[derive(Value)]
#[value(jsn)]
struct Facts {
    day_h: f64,
}

fn main() {
    let _ = planets::Table;
}
