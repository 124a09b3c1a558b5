//! A column that the table does not have.

use supabase_core::prelude::*;
use supabase_tests::db::planets;

#[derive(Row)]
#[row(planets)]
struct Mini {
    id: i64,
    nmae: String,
}

fn main() {}
