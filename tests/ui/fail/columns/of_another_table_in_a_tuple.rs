//! A tuple selects columns of one table.

use db::{moons, planets};
use supabase_core::prelude::*;

async fn query(supabase: Client) -> supabase_core::Result<()> {
    supabase.from(planets::Table).select((planets::id, moons::name)).await?;
    Ok(())
}

fn main() {}
