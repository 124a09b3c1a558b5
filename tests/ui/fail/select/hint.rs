//! A relation needs no hint: it has a name of its own.

use supabase_core::prelude::*;
use supabase_tests::db::planets;

select!(struct Card: planets { id, moons!inner { name } });

fn main() {}
