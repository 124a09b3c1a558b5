//! A label has no fields.

use supabase_core::prelude::*;

#[derive(Value)]
enum Kind {
    Rocky,
    Gas { rings: bool },
}

fn main() {}
