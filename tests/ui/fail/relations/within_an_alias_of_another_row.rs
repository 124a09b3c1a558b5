//! An alias belongs to its row.

use db::planets;
use supabase_core::prelude::*;

select!(struct Card: planets { id, big: moons { name } });
select!(struct Other: planets { id, moons { name } });

async fn query(supabase: Client) -> supabase_core::Result<()> {
    supabase.from(planets::Table).select(Other::columns()).within(Card::big, |moons| moons.limit(3)).await?;
    Ok(())
}

fn main() {}
