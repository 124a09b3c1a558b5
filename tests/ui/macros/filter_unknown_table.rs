//! A table that is not in scope is one mistake, however many columns are named.

#[path = "../schema/mod.rs"]
mod schema;

use schema::moons;
use supabase_core::prelude::*;

fn main() {
    let _ = filter!(planets: eq(id, 1) or eq(id, 2) or is_null(mass));
    let _ = moons::Table;
}
