//! A view that the database cannot insert into.

use supabase_core::prelude::*;

#[path = "../../schema/archive.rs"]
mod archive;

async fn query(supabase: Client) -> supabase_core::Result<()> {
    supabase.from(archive::Table).insert(insert!(archive { id: 1 })).await?;
    Ok(())
}

fn main() {}
