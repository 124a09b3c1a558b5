//! `json` has no order.

use supabase_core::prelude::*;

#[path = "../../schema/archive.rs"]
mod archive;

async fn query(supabase: Client) -> supabase_core::Result<()> {
    supabase.from(archive::Table).select(All).gt(archive::document, serde_json::json!(1)).await?;
    supabase.from(archive::Table).select(All).filter(archive::document.lte(serde_json::json!(1))).await?;
    Ok(())
}

fn main() {}
