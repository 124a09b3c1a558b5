//! A row under a relation has to be a row of its target.

#[path = "../schema/mod.rs"]
mod schema;

use schema::planets;
use supabase_core::prelude::*;

select!(struct Mini: planets { id });
select!(struct Card: planets { id, moons { ..Mini } });

fn main() {}
