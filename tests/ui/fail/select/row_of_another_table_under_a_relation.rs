//! A nested row is of the related table.

use supabase_core::prelude::*;
use supabase_tests::db::{craters, planets};

use craters as _;

select!(struct CraterCard: craters { name });
select!(struct Card: planets { id, moons { ..CraterCard } });

fn main() {}
