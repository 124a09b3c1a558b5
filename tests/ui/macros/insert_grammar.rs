//! What is not a list of values.

#[path = "../schema/mod.rs"]
mod schema;

use schema::planets;
use supabase_core::prelude::*;

fn main() {
    let _ = insert!(planets { name: "a", radius_km: 1.0, name: "b" });
    let _ = insert!(planets { name: "a", radius_km: 1.0, ..other });
    let _ = insert!(planets { name: "a" radius_km: 1.0 });
    let _ = insert!(planets);
}
