//! A misspelt operator and a misspelt column, each under its own word.

#[path = "../schema/mod.rs"]
mod schema;

use schema::planets;
use supabase_core::prelude::*;

fn main() {
    let _ = filter!(planets: rnage_gt(visible, Literal("[,)")) or eq(id, 1));
}

fn columns() {
    let _ = filter!(planets: eq(naem, "Mars"));
}
