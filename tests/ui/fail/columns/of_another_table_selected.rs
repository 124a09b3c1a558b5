//! A selected column belongs to the table.

use db::{moons, planets};
use supabase_core::prelude::*;

async fn query(supabase: Client) -> supabase_core::Result<()> {
    supabase.from(planets::Table).select(moons::name).await?;
    Ok(())
}

fn main() {}
