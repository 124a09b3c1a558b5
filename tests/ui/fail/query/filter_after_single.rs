//! After `single()` nothing can be filtered.

use db::planets;
use supabase_core::prelude::*;

async fn query(supabase: Client) -> supabase_core::Result<()> {
    supabase.from(planets::Table).select(All).single().eq(planets::id, 3).await?;
    Ok(())
}

fn main() {}
