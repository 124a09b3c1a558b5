//! Patterns need text.

use db::planets;
use supabase_core::prelude::*;

async fn query(supabase: Client) -> supabase_core::Result<()> {
    supabase.from(planets::Table).select(All).like(planets::id, "3%").await?;
    supabase.from(planets::Table).select(All).filter(planets::id.ilike("3%")).await?;
    Ok(())
}

fn main() {}
