//! A field has the type of its column.

use supabase_core::prelude::*;
use supabase_tests::db::planets;

#[derive(Row)]
#[row(planets)]
struct Mini {
    id: i32,
    name: String,
}

fn main() {}
