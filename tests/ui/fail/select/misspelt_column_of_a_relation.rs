//! A column that the related table does not have.

use db::planets;
use supabase_core::prelude::*;

select!(struct Card: planets { id, moons { nmae } });

fn main() {}
