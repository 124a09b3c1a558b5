//! Inside `.within(..)` the columns are those of the relation.

use db::planets;
use supabase_core::prelude::*;

async fn query(supabase: Client) -> supabase_core::Result<()> {
    supabase
        .from(planets::Table)
        .select(select!(planets { id, moons { name } }))
        .within(planets::rel::moons, |moons| moons.eq(planets::name, "Earth"))
        .await?;
    Ok(())
}

fn main() {}
