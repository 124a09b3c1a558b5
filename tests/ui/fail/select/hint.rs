//! A relation needs no hint: it has a name of its own.

use db::planets;
use supabase_core::prelude::*;

select!(struct Card: planets { id, moons!inner { name } });

fn main() {}
