//! A table that the schema does not have.

use supabase_core::prelude::*;
use supabase_tests::db::planets;

use planets as _;

#[derive(Row)]
#[row(plantes)]
struct Mini {
    id: i64,
}

fn main() {}
