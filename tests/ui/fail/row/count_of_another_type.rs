//! A count is an `i64`.

use db::planets;
use supabase_core::prelude::*;

#[derive(Row)]
#[row(planets)]
struct Mini {
    id: i64,
    #[row(count = moons)]
    moons: u32,
}

fn main() {}
