//! Two fields cannot have one name.

use supabase_core::prelude::*;
use supabase_tests::db::planets;

select!(struct Card: planets { id, name, id: radius_km, moons(count), moons { name } });

fn main() {}
