//! `overlaps` needs an array or a range.

use db::planets;
use supabase_core::prelude::*;

async fn query(supabase: Client) -> supabase_core::Result<()> {
    supabase.from(planets::Table).select(All).overlaps(planets::facts, serde_json::json!({ "life": true })).await?;
    supabase.from(planets::Table).select(All).filter(planets::facts.overlaps(serde_json::json!({ "life": true }))).await?;
    Ok(())
}

fn main() {}
