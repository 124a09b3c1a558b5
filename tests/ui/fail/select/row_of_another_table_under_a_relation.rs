//! A nested row is of the related table.

use db::{craters, planets};
use supabase_core::prelude::*;

select!(struct CraterCard: craters { name });
select!(struct Card: planets { id, moons { ..CraterCard } });

fn main() {}
