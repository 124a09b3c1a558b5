//! `.having(..)` takes a relation of the table.

use db::{moons, planets};
use supabase_core::prelude::*;

async fn query(supabase: Client) -> supabase_core::Result<()> {
    supabase.from(planets::Table).select(All).having(moons::rel::craters, |craters| craters).await?;
    Ok(())
}

fn main() {}
