//! The nested row is of the related table.

use supabase_core::prelude::*;
use supabase_tests::db::{craters, planets};

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
