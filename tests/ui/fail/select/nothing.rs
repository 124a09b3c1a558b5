//! A selection names something.

use supabase_core::prelude::*;
use supabase_tests::db::planets;

select!(struct Card: planets { id, moons {} });

fn main() {}
