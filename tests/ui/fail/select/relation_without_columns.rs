//! The columns of a relation stand in braces.

use db::planets;
use supabase_core::prelude::*;

select!(struct Card: planets { id, moons });

fn main() {}
