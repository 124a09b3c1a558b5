//! A relation to many is a `Vec`.

use db::{moons, planets};
use supabase_core::prelude::*;

#[derive(Row)]
#[row(planets)]
struct Mini {
    id: i64,
    #[row(relation = moons)]
    moons: Moon,
}

#[derive(Row)]
#[row(moons)]
struct Moon {
    name: String,
}

fn main() {}
