//! A column that the table does not have, behind a field of another name.

use supabase_core::prelude::*;
use supabase_tests::db::planets;

#[derive(Row)]
#[row(planets)]
struct Mini {
    id: i64,
    #[row(column = nmae)]
    title: String,
}

fn main() {}
