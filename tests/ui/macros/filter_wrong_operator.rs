//! An operator that the column's type does not have.

#[path = "../schema/mod.rs"]
mod schema;

use schema::planets;
use supabase_core::prelude::*;

fn main() {
    let _ = filter!(planets: range_gt(id, 3) or contains(name, "x") or ilike(id, "%3%") or is_true(name));
}
