//! `json` has no equality.

use supabase_core::prelude::*;

#[path = "../../schema/archive.rs"]
mod archive;

async fn query(supabase: Client) -> supabase_core::Result<()> {
    supabase.from(archive::Table).select(All).eq(archive::document, serde_json::json!(1)).await?;
    supabase.from(archive::Table).select(All).filter(archive::document.in_([serde_json::json!(1)])).await?;
    Ok(())
}

fn main() {}
