//! A column whose type has no order.

use supabase_core::prelude::*;

#[path = "../../schema/archive.rs"]
mod archive;

async fn query(supabase: Client) -> supabase_core::Result<()> {
    supabase.from(archive::Table).select(All).order(order!(archive: document desc)).await?;
    Ok(())
}

fn main() {}
