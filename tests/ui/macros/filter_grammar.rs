//! What is not a condition.

#[path = "../schema/mod.rs"]
mod schema;

use schema::planets;
use supabase_core::prelude::*;

fn main() {
    let _ = filter!(planets eq(id, 3));
    let _ = filter!(planets: eq(id));
    let _ = filter!(planets: is_null(mass, 3));
    let _ = filter!(planets: eq(id, 1) eq(id, 2));
    let _ = filter!(planets: eq("id", 2) and cs(tags, ["a"]));
    let _ = filter!(planets: (id = 3));
}
