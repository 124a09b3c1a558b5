//! `json` has no order to sort by.

use supabase_core::prelude::*;

#[path = "../../schema/archive.rs"]
mod archive;

async fn query(supabase: Client) -> supabase_core::Result<()> {
    supabase.from(archive::Table).select(All).order(archive::document).await?;
    supabase.from(archive::Table).select(All).filter(archive::id.gt(1)).order(archive::document.desc()).await?;
    Ok(())
}

fn main() {}
