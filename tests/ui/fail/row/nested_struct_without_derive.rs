//! The nested struct is a row as well.

use supabase_core::prelude::*;
use supabase_tests::db::planets;

#[derive(Row)]
#[row(planets)]
struct Mini {
    id: i64,
    #[row(relation = moons)]
    moons: Vec<Moon>,
}

struct Moon {
    name: String,
}

fn main() {}
