//! A misspelt column is underlined alone, with the nearest one.

#[path = "../schema/mod.rs"]
mod schema;

use schema::planets;
use supabase_core::prelude::*;

fn main() {
    let _ = filter!(planets: eq(naem, "Mars") and not gt(radius, 3));
}
