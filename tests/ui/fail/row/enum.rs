//! An enum has no columns.

use supabase_core::prelude::*;

#[derive(Row)]
#[row(planets)]
enum Mini {
    Small,
}

fn main() {}
