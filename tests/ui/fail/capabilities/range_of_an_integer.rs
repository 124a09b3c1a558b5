//! Range operators need a range.

use db::planets;
use supabase_core::prelude::*;

async fn query(supabase: Client) -> supabase_core::Result<()> {
    supabase.from(planets::Table).select(All).range_gt(planets::id, 3).await?;
    supabase.from(planets::Table).select(All).filter(planets::id.range_lt(3)).await?;
    Ok(())
}

fn main() {}
