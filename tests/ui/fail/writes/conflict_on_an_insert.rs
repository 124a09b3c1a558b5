//! Only an upsert has a conflict to solve.

use supabase_core::prelude::*;
use supabase_tests::db::instruments;

async fn query(supabase: Client) -> supabase_core::Result<()> {
    supabase.from(instruments::Table).insert(insert!(instruments { name: "piano" })).on_conflict(instruments::unique::id).await?;
    Ok(())
}

fn main() {}
