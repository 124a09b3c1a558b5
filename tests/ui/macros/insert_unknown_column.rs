//! A misspelt column is one mistake.

#[path = "../schema/mod.rs"]
mod schema;

use schema::planets;
use supabase_core::prelude::*;

fn main() {
    let _ = insert!(planets { naem: "Mars", radius_km: 3390.0 });
}
