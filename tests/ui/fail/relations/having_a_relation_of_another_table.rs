//! `.having(..)` takes a relation of the table.

use supabase_core::prelude::*;
use supabase_tests::db::{moons, planets};

async fn query(supabase: Client) -> supabase_core::Result<()> {
    supabase.from(planets::Table).select(All).having(moons::rel::craters, |craters| craters).await?;
    Ok(())
}

fn main() {}
