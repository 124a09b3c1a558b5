//! An attribute that there is not.

use db::planets;
use supabase_core::prelude::*;

#[derive(Row)]
#[row(planets)]
struct Mini {
    id: i64,
    #[row(colum = name)]
    title: String,
}

fn main() {}
