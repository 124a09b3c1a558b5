//! Two variants cannot have one label.

use supabase_core::prelude::*;

#[derive(Value)]
enum Kind {
    Rocky,
    #[value(rename = "rocky")]
    Stony,
}

fn main() {}
