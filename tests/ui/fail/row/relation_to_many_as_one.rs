//! A relation to many is a `Vec`.

use supabase_core::prelude::*;
use supabase_tests::db::{moons, planets};

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
