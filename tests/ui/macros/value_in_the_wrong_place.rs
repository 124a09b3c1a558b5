//! A newtype stands where its field may stand, and nowhere else.

#[path = "../schema/mod.rs"]
mod schema;

use schema::planets;
use supabase_core::prelude::*;

#[derive(Value)]
struct PlanetId(i64);

fn main() {
    let _ = filter!(planets: eq(name, PlanetId(3)));
}
