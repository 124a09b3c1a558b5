//! A literal without suffix is an `i32`; a larger one needs `_i64`.

use db::planets;
use supabase_core::prelude::*;

async fn query(supabase: Client) -> supabase_core::Result<()> {
    supabase.from(planets::Table).select(All).gt(planets::id, 3_000_000_000).await?;
    Ok(())
}

fn main() {}
