//! A nullable column is an `Option`.

use db::planets;
use supabase_core::prelude::*;

#[derive(Row)]
#[row(planets)]
struct Mini {
    id: i64,
    star_id: i64,
}

fn main() {}
