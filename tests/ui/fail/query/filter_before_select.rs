//! A filter comes after the verb.

use db::planets;
use supabase_core::prelude::*;

async fn query(supabase: Client) -> supabase_core::Result<()> {
    supabase.from(planets::Table).eq(planets::id, 3).select(All).await?;
    Ok(())
}

fn main() {}
