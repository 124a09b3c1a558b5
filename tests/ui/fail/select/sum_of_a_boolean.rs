//! A boolean has no sum.

use db::planets;
use supabase_core::prelude::*;

select!(struct Card: planets { rings: has_rings.sum() });

fn main() {}
