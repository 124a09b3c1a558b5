//! A boolean column alone is not a condition.

use db::planets;
use supabase_core::prelude::*;

async fn query(supabase: Client) -> supabase_core::Result<()> {
    supabase.from(planets::Table).select(All).filter(not(planets::has_rings)).await?;
    Ok(())
}

fn main() {}
