//! After `single()` nothing can be filtered.

use supabase_core::prelude::*;
use supabase_tests::db::planets;

async fn query(supabase: Client) -> supabase_core::Result<()> {
    supabase.from(planets::Table).select(All).single().eq(planets::id, 3).await?;
    Ok(())
}

fn main() {}
