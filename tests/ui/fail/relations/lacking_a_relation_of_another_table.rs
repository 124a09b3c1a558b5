//! `.lacking(..)` takes a relation of the table.

use db::{moons, planets};
use supabase_core::prelude::*;

async fn query(supabase: Client) -> supabase_core::Result<()> {
    supabase.from(planets::Table).select(All).lacking(moons::rel::craters).await?;
    Ok(())
}

fn main() {}
