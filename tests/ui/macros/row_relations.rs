//! A relation's field has its shape, of rows of its target.

#[path = "../schema/mod.rs"]
mod schema;

use schema::{moons, planets};
use supabase_core::prelude::*;

#[derive(Row)]
#[row(planets)]
struct Mini {
    #[row(relation = moons)]
    moons: Option<MiniMoon>,
    #[row(relation = star)]
    star: Option<MiniMoon>,
}

#[derive(Row)]
#[row(moons)]
struct MiniMoon {
    id: i64,
}

fn main() {}
