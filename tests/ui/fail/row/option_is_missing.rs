//! A nullable column is an `Option`.

use supabase_core::prelude::*;
use supabase_tests::db::planets;

#[derive(Row)]
#[row(planets)]
struct Mini {
    id: i64,
    star_id: i64,
}

fn main() {}
