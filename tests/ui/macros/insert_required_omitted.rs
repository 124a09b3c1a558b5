//! `Omit` is for columns that may be left out.

#[path = "../schema/mod.rs"]
mod schema;

use schema::moons;
use supabase_core::prelude::*;

fn main() {
    let _ = insert!(moons { name: Omit, planet_id: 3 });
}
