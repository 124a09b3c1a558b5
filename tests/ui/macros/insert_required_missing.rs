//! Required columns are named.

#[path = "../schema/mod.rs"]
mod schema;

use schema::{moons, planets};
use supabase_core::prelude::*;

fn main() {
    let _ = insert!(moons { name: "Luna" });
    let _ = insert!(planets { id: 3 });
    let name: Option<&str> = None;
    let _ = insert!(moons { name?: name, planet_id: 3 });
}
