//! The relationship has to start from the table that is sorted.

use db::{moons, planets};
use supabase_core::prelude::*;

async fn query(supabase: Client) -> supabase_core::Result<()> {
    supabase.from(moons::Table).select(All).order_related(planets::rel::star, db::stars::name).await?;
    Ok(())
}

fn main() {}
