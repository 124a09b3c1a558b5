//! `.having(..)` takes a relation.

use db::planets;
use supabase_core::prelude::*;

async fn query(supabase: Client) -> supabase_core::Result<()> {
    supabase.from(planets::Table).select(All).having(planets::id, |moons| moons).await?;
    Ok(())
}

fn main() {}
