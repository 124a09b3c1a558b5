//! A filter is about one table.

use db::planets;
use supabase_core::prelude::*;

async fn query(supabase: Client) -> supabase_core::Result<()> {
    supabase.from(planets::Table).select(All).filter(filter!(planets: eq(id, 1) or eq(moons::id, 2))).await?;
    Ok(())
}

fn main() {}
