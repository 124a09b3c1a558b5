//! A u64 may be larger than any bigint.

use db::planets;
use supabase_core::prelude::*;

async fn query(supabase: Client) -> supabase_core::Result<()> {
    supabase.from(planets::Table).select(All).gt(planets::id, 3_u64).await?;
    Ok(())
}

fn main() {}
