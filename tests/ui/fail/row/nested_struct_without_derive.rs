//! The nested struct is a row as well.

use db::planets;
use supabase_core::prelude::*;

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
