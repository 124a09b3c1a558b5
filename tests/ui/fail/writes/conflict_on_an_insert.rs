//! Only an upsert has a conflict to solve.

use db::instruments;
use supabase_core::prelude::*;

async fn query(supabase: Client) -> supabase_core::Result<()> {
    supabase.from(instruments::Table).insert(insert!(instruments { name: "piano" })).on_conflict(instruments::unique::id).await?;
    Ok(())
}

fn main() {}
