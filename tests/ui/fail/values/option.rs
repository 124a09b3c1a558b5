//! Nothing equals NULL.

use db::planets;
use supabase_core::prelude::*;

async fn query(supabase: Client, chosen: Option<i64>) -> supabase_core::Result<()> {
    supabase.from(planets::Table).select(All).eq(planets::id, chosen).await?;
    Ok(())
}

fn main() {}
