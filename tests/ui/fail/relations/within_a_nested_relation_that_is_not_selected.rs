//! A relation inside a relation is selected too.

use db::{moons, planets};
use supabase_core::prelude::*;

select!(struct Card: planets { id, big: moons { name } });

async fn query(supabase: Client) -> supabase_core::Result<()> {
    supabase
        .from(planets::Table)
        .select(Card::columns())
        .within(Card::big, |moons| moons.within(moons::rel::craters, |craters| craters.limit(3)))
        .await?;
    Ok(())
}

fn main() {}
