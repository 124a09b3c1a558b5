//! A filter is about the table of the query.

use db::{moons, planets};
use supabase_core::prelude::*;

async fn query(supabase: Client) -> supabase_core::Result<()> {
    supabase.from(planets::Table).select(All).filter(filter!(moons: eq(id, 1))).await?;
    Ok(())
}

fn main() {}
