//! Conditions are joined by `any` and `all`.

use db::planets;
use supabase_core::prelude::*;

async fn query(supabase: Client) -> supabase_core::Result<()> {
    supabase.from(planets::Table).select(All).filter(planets::id.eq(1) || planets::id.eq(2)).await?;
    Ok(())
}

fn main() {}
