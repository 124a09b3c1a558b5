//! `.having(..)` takes a relation, not its table.

use db::{moons, planets};
use supabase_core::prelude::*;

async fn query(supabase: Client) -> supabase_core::Result<()> {
    supabase.from(planets::Table).select(All).having(moons::Table, |moons| moons).await?;
    Ok(())
}

fn main() {}
