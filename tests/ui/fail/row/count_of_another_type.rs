//! A count is an `i64`.

use supabase_core::prelude::*;
use supabase_tests::db::planets;

#[derive(Row)]
#[row(planets)]
struct Mini {
    id: i64,
    #[row(count = moons)]
    moons: u32,
}

fn main() {}
