//! Values of another table.

#[path = "../schema/mod.rs"]
mod schema;

use schema::{moons, planets};
use supabase_core::prelude::*;

fn main() {}

fn misuse(client: Client) {
    let _ = client.from(planets::Table).insert(insert!(moons { name: "Luna", planet_id: 3 }));
}
