//! Range operators need a range.

use db::planets;
use supabase_core::prelude::*;

async fn query(supabase: Client) -> supabase_core::Result<()> {
    supabase.from(planets::Table).select(All).range_adjacent(planets::name, "a").await?;
    supabase.from(planets::Table).select(All).filter(planets::name.range_adjacent("a")).await?;
    Ok(())
}

fn main() {}
