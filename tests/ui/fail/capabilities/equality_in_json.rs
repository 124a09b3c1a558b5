//! What `->` finds in `json` is `json`, which has neither equality nor an order.

use supabase_core::prelude::*;

#[path = "../../schema/archive.rs"]
mod archive;

async fn query(supabase: Client) -> supabase_core::Result<()> {
    supabase.from(archive::Table).select(All).filter(archive::document.json("a").eq(serde_json::json!(1))).await?;
    supabase.from(archive::Table).select(All).order(archive::document.json("a").json("b").asc()).await?;
    Ok(())
}

fn main() {}
