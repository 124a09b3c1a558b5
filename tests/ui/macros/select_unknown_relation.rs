//! A misspelt relation is one mistake, whatever is selected inside.

#[path = "../schema/mod.rs"]
mod schema;

use schema::planets;
use supabase_core::prelude::*;

select!(struct Card: planets { id, mons { name, radius_km } });

fn main() {
    let _ = select!(planets { id, str { name } });
}
