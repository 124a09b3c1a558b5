//! A misspelt column is underlined alone, with the nearest one.

#[path = "../schema/mod.rs"]
mod schema;

use schema::planets;
use supabase_core::prelude::*;

select!(struct Card: planets { id, naem, moons { nmae } });

fn main() {}
