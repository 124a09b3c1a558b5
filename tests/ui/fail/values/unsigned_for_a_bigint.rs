//! A u64 may be larger than any bigint.

use supabase_core::prelude::*;
use supabase_tests::db::planets;

async fn query(supabase: Client) -> supabase_core::Result<()> {
    supabase.from(planets::Table).select(All).gt(planets::id, 3_u64).await?;
    Ok(())
}

fn main() {}
