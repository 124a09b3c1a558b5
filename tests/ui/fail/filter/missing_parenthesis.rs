//! Nothing but `and`, `or` or the end follows a condition.

use db::planets;
use supabase_core::prelude::*;

async fn query(supabase: Client) -> supabase_core::Result<()> {
    supabase.from(planets::Table).select(All).filter(filter!(planets: eq(id, 1) or (eq(id, 2) eq(id, 3)))).await?;
    Ok(())
}

fn main() {}
