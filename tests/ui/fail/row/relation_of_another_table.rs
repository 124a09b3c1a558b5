//! The nested row is of the related table.

use db::{craters, planets};
use supabase_core::prelude::*;

#[derive(Row)]
#[row(planets)]
struct Mini {
    id: i64,
    #[row(relation = moons)]
    moons: Vec<Crater>,
}

#[derive(Row)]
#[row(craters)]
struct Crater {
    name: String,
}

fn main() {}
