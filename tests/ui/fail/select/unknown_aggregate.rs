//! An aggregate that there is not.

use supabase_core::prelude::*;
use supabase_tests::db::planets;

select!(struct Card: planets { radius_km.mean() });

fn main() {}
