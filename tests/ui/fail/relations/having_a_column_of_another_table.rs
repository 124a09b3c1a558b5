//! Inside `.having(..)` the columns are those of the relation.

use db::planets;
use supabase_core::prelude::*;

async fn query(supabase: Client) -> supabase_core::Result<()> {
    supabase.from(planets::Table).select(All).having(planets::rel::moons, |moons| moons.gt(planets::radius_km, 1000.0)).await?;
    Ok(())
}

fn main() {}
