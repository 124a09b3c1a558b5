//! Every mistake of one call is reported.

#[path = "../schema/mod.rs"]
mod schema;

use schema::planets;
use supabase_core::prelude::*;

select!(struct Card: planets {
    id,
    3,
    name name_again,
    mass as txt,
    radius_km.agv(),
    moons(name),
    moons::name,
    facts -> day_h,
    *,
});

fn main() {}
