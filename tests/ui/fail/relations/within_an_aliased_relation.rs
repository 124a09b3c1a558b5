//! An aliased relation is found by its alias.

use db::planets;
use supabase_core::prelude::*;

select!(struct Card: planets { id, big: moons { name } });

async fn query(supabase: Client) -> supabase_core::Result<()> {
    supabase.from(planets::Table).select(Card::columns()).within(planets::rel::moons, |moons| moons.limit(3)).await?;
    Ok(())
}

fn main() {}
