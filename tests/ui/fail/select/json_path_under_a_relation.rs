//! A json path needs json, under a relation as well.

use db::planets;
use supabase_core::prelude::*;

select!(struct Card: planets { id, star { first: name -> 0 } });

fn main() {}
