//! An attribute that there is not.

use supabase_core::prelude::*;
use supabase_tests::db::planets;

#[derive(Row)]
#[row(planets)]
struct Mini {
    id: i64,
    #[row(colum = name)]
    title: String,
}

fn main() {}
