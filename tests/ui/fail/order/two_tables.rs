//! An order is about one table.

use supabase_core::prelude::*;
use supabase_tests::db::{moons, planets};

async fn query(supabase: Client) -> supabase_core::Result<()> {
    supabase.from(planets::Table).select(All).order(order!(planets: name, moons::name)).await?;
    Ok(())
}

fn main() {}
