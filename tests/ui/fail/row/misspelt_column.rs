//! A column that the table does not have.

use db::planets;
use supabase_core::prelude::*;

#[derive(Row)]
#[row(planets)]
struct Mini {
    id: i64,
    nmae: String,
}

fn main() {}
