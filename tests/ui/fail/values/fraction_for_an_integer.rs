//! A bigint has no fraction.

use db::planets;
use supabase_core::prelude::*;

async fn query(supabase: Client) -> supabase_core::Result<()> {
    supabase.from(planets::Table).select(All).gt(planets::id, 3.5).await?;
    Ok(())
}

fn main() {}
