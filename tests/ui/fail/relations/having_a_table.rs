//! `.having(..)` takes a relation, not its table.

use supabase_core::prelude::*;
use supabase_tests::db::{moons, planets};

async fn query(supabase: Client) -> supabase_core::Result<()> {
    supabase.from(planets::Table).select(All).having(moons::Table, |moons| moons).await?;
    Ok(())
}

fn main() {}
