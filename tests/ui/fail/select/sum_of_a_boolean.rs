//! A boolean has no sum.

use supabase_core::prelude::*;
use supabase_tests::db::planets;

select!(struct Card: planets { rings: has_rings.sum() });

fn main() {}
