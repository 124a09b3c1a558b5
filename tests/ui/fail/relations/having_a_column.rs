//! `.having(..)` takes a relation.

use supabase_core::prelude::*;
use supabase_tests::db::planets;

async fn query(supabase: Client) -> supabase_core::Result<()> {
    supabase.from(planets::Table).select(All).having(planets::id, |moons| moons).await?;
    Ok(())
}

fn main() {}
