//! A relation that the table does not have.

use db::{moons, planets};
use supabase_core::prelude::*;

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
