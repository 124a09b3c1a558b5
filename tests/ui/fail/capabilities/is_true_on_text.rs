//! `is_true` needs a boolean.

use db::planets;
use supabase_core::prelude::*;

async fn query(supabase: Client) -> supabase_core::Result<()> {
    supabase.from(planets::Table).select(All).is_true(planets::name).await?;
    supabase.from(planets::Table).select(All).filter(planets::name.is_false()).await?;
    Ok(())
}

fn main() {}
