//! A logic tree is about one table.

use db::{moons, planets};
use supabase_core::prelude::*;

async fn query(supabase: Client) -> supabase_core::Result<()> {
    supabase.from(planets::Table).select(All).filter(any([planets::id.eq(1), moons::id.eq(2)])).await?;
    Ok(())
}

fn main() {}
