//! Patterns need text.

use db::planets;
use supabase_core::prelude::*;

async fn query(supabase: Client) -> supabase_core::Result<()> {
    supabase.from(planets::Table).select(All).match_regex(planets::radius_km, "^3").await?;
    supabase.from(planets::Table).select(All).filter(planets::radius_km.imatch_regex("^3")).await?;
    Ok(())
}

fn main() {}
