//! A condition of another table.

#[path = "../schema/mod.rs"]
mod schema;

use schema::{moons, planets};
use supabase_core::prelude::*;

fn main() {}

fn misuse(client: Client) {
    let _ = client.from(planets::Table).select(planets::id).filter(filter!(moons: eq(id, 3)));
}
