//! A value that the column cannot hold.

#[path = "../schema/mod.rs"]
mod schema;

use schema::planets;
use supabase_core::prelude::*;

fn main() {
    let _ = insert!(planets { name: 3, radius_km: "big", id: None, tags: "hot" });
}
