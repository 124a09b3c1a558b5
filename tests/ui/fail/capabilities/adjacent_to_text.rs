//! Range operators need a range.

use supabase_core::prelude::*;
use supabase_tests::db::planets;

async fn query(supabase: Client) -> supabase_core::Result<()> {
    supabase.from(planets::Table).select(All).range_adjacent(planets::name, "a").await?;
    supabase.from(planets::Table).select(All).filter(planets::name.range_adjacent("a")).await?;
    Ok(())
}

fn main() {}
