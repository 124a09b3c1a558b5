//! A column that the related table does not have.

use supabase_core::prelude::*;
use supabase_tests::db::planets;

select!(struct Card: planets { id, moons { nmae } });

fn main() {}
