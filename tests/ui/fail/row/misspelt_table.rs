//! A table that the schema does not have.

use supabase_core::prelude::*;

#[derive(Row)]
#[row(plantes)]
struct Mini {
    id: i64,
}

fn main() {}
