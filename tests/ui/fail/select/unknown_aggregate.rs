//! An aggregate that there is not.

use db::planets;
use supabase_core::prelude::*;

select!(struct Card: planets { radius_km.mean() });

fn main() {}
