//! An inline selection is of the table.

use db::{moons, planets};
use supabase_core::prelude::*;

async fn query(supabase: Client) -> supabase_core::Result<()> {
    supabase.from(moons::Table).select(select!(planets { id, name })).await?;
    Ok(())
}

fn main() {}
