//! A selection names something.

use db::planets;
use supabase_core::prelude::*;

select!(struct Card: planets { id, moons {} });

fn main() {}
