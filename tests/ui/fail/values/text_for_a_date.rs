//! A date is a date.

use supabase_core::prelude::*;
use supabase_tests::db::planets;

async fn query(supabase: Client) -> supabase_core::Result<()> {
    supabase.from(planets::Table).select(All).gt(planets::discovered_on, "1781-03-13").await?;
    Ok(())
}

fn main() {}
