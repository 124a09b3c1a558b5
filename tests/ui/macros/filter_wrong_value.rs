//! A value that the column cannot be compared with.

#[path = "../schema/mod.rs"]
mod schema;

use schema::planets;
use supabase_core::prelude::*;

fn main() {
    let _ = filter!(planets: eq(id, "3") or eq(name, 3) or eq(name, Some("Mars")) or in_(id, ["1"]));
}
