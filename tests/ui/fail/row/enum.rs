//! An enum has no columns.

use supabase_core::prelude::*;
use supabase_tests::db::planets;

use planets as _;

#[derive(Row)]
#[row(planets)]
enum Mini {
    Small,
}

fn main() {}
