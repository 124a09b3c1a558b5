//! A view that the database cannot delete from.

use supabase_core::prelude::*;

#[path = "../../schema/archive.rs"]
mod archive;

async fn query(supabase: Client) -> supabase_core::Result<()> {
    supabase.from(archive::Table).delete().eq(archive::id, 2).await?;
    Ok(())
}

fn main() {}
