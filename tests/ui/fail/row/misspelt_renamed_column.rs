//! A column that the table does not have, behind a field of another name.

use db::planets;
use supabase_core::prelude::*;

#[derive(Row)]
#[row(planets)]
struct Mini {
    id: i64,
    #[row(column = nmae)]
    title: String,
}

fn main() {}
