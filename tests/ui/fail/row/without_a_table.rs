//! A row says which table it is of.

use supabase_core::prelude::*;

#[derive(Row)]
struct Mini {
    id: i64,
}

fn main() {}
