//! A relation that the table does not have.

use supabase_core::prelude::*;
use supabase_tests::db::{moons, planets};

#[derive(Row)]
#[row(planets)]
struct Mini {
    id: i64,
    #[row(relation = mons)]
    moons: Vec<Moon>,
}

#[derive(Row)]
#[row(moons)]
struct Moon {
    name: String,
}

fn main() {}
