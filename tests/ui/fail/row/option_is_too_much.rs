//! A column that is NOT NULL is no `Option`.

use supabase_core::prelude::*;
use supabase_tests::db::planets;

#[derive(Row)]
#[row(planets)]
struct Mini {
    id: i64,
    name: Option<String>,
}

fn main() {}
