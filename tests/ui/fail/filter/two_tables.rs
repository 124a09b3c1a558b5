//! A filter is about one table.

use supabase_core::prelude::*;
use supabase_tests::db::{moons, planets};

async fn query(supabase: Client) -> supabase_core::Result<()> {
    supabase.from(planets::Table).select(All).filter(filter!(planets: eq(id, 1) or eq(moons::id, 2))).await?;
    Ok(())
}

fn main() {}
