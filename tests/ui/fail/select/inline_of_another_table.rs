//! An inline selection is of the table.

use supabase_core::prelude::*;
use supabase_tests::db::{moons, planets};

async fn query(supabase: Client) -> supabase_core::Result<()> {
    supabase.from(moons::Table).select(select!(planets { id, name })).await?;
    Ok(())
}

fn main() {}
