//! Unknown words and a missing colon.

#[path = "../schema/mod.rs"]
mod schema;

use schema::planets;
use supabase_core::prelude::*;

fn main() {
    let _ = order!(planets: name dsc, id nulls lost);
    let _ = order!(planets name);
}
