//! A selected column belongs to the table.

use supabase_core::prelude::*;
use supabase_tests::db::{moons, planets};

async fn query(supabase: Client) -> supabase_core::Result<()> {
    supabase.from(planets::Table).select(moons::name).await?;
    Ok(())
}

fn main() {}
