//! The columns of a relation stand in braces.

use supabase_core::prelude::*;
use supabase_tests::db::planets;

select!(struct Card: planets { id, moons });

fn main() {}
