//! A field has to hold what its column decodes into.

#[path = "../schema/mod.rs"]
mod schema;

use schema::{moons, planets};
use supabase_core::prelude::*;

#[derive(Row)]
#[row(planets)]
struct Mini {
    id: i32,
    name: Option<String>,
    mass: f64,
    star_id: Option<i32>,
    #[row(count = moons)]
    count: i32,
}

#[derive(Row)]
#[row(moons)]
struct MiniMoon {
    id: i64,
}

fn main() {}
