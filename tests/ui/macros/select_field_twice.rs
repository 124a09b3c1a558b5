//! Two fields cannot have one name.

#[path = "../schema/mod.rs"]
mod schema;

use schema::planets;
use supabase_core::prelude::*;

select!(struct Card: planets { id, id, name, title: name, ...star { name }, moons { id }, moons(count) });

fn main() {}
