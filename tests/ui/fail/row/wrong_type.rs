//! A field has the type of its column.

use db::planets;
use supabase_core::prelude::*;

#[derive(Row)]
#[row(planets)]
struct Mini {
    id: i32,
    name: String,
}

fn main() {}
