//! `.within(..)` shapes what is selected.

use db::planets;
use supabase_core::prelude::*;

async fn query(supabase: Client) -> supabase_core::Result<()> {
    supabase.from(planets::Table).select(select!(planets { id, name })).within(planets::rel::moons, |moons| moons.limit(3)).await?;
    Ok(())
}

fn main() {}
