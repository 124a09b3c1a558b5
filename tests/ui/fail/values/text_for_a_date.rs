//! A date is a date.

use db::planets;
use supabase_core::prelude::*;

async fn query(supabase: Client) -> supabase_core::Result<()> {
    supabase.from(planets::Table).select(All).gt(planets::discovered_on, "1781-03-13").await?;
    Ok(())
}

fn main() {}
