//! A table that is not in scope.

#[path = "../schema/mod.rs"]
mod schema;

use schema::moons;
use supabase_core::prelude::*;

select!(struct Card: planets { id, name });

fn main() {
    let _ = moons::Table;
}
