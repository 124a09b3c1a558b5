//! Misspelt columns, relations and attributes.

#[path = "../schema/mod.rs"]
mod schema;

use schema::{moons, planets};
use supabase_core::prelude::*;

#[derive(Row)]
#[row(planets)]
struct Mini {
    naem: String,
    #[row(relation = mons)]
    moons: Vec<MiniMoon>,
}

#[derive(Row)]
#[row(moons)]
struct MiniMoon {
    #[row(column = nmae)]
    title: String,
}

fn main() {}
