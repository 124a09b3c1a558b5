//! A view that the database cannot update.

use supabase_core::prelude::*;

#[path = "../../schema/archive.rs"]
mod archive;

async fn query(supabase: Client) -> supabase_core::Result<()> {
    supabase.from(archive::Table).update(update!(archive { id: 1 })).eq(archive::id, 2).await?;
    Ok(())
}

fn main() {}
