//! Two fields cannot have one name.

use db::planets;
use supabase_core::prelude::*;

select!(struct Card: planets { id, name, id: radius_km, moons(count), moons { name } });

fn main() {}
