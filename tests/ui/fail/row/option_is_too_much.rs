//! A column that is NOT NULL is no `Option`.

use db::planets;
use supabase_core::prelude::*;

#[derive(Row)]
#[row(planets)]
struct Mini {
    id: i64,
    name: Option<String>,
}

fn main() {}
