//! A json path needs json.

use supabase_core::prelude::*;
use supabase_tests::db::planets;

select!(struct Card: planets { first: name ->> "first" });

fn main() {}
