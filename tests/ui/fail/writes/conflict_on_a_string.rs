//! `on_conflict` takes a constraint.

use db::instruments;
use supabase_core::prelude::*;

async fn query(supabase: Client) -> supabase_core::Result<()> {
    supabase.from(instruments::Table).upsert(insert!(instruments { id: 1, name: "piano" })).on_conflict("id").await?;
    Ok(())
}

fn main() {}
