//! Many related rows decide no order.

use db::{moons, planets};
use supabase_core::prelude::*;

async fn query(supabase: Client) -> supabase_core::Result<()> {
    supabase.from(planets::Table).select(All).order_related(planets::rel::moons, moons::name).await?;
    Ok(())
}

fn main() {}
