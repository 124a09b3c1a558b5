//! A row says which table it is of.

use supabase_core::prelude::*;
use supabase_tests::db::planets;

use planets as _;

#[derive(Row)]
struct Mini {
    id: i64,
}

fn main() {}
