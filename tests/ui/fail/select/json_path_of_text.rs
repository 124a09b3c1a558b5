//! A json path needs json.

use db::planets;
use supabase_core::prelude::*;

select!(struct Card: planets { first: name ->> "first" });

fn main() {}
