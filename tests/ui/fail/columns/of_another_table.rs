//! A column of another table cannot be filtered on.

use db::{moons, planets};
use supabase_core::prelude::*;

async fn query(supabase: Client) -> supabase_core::Result<()> {
    supabase.from(planets::Table).select(All).eq(moons::name, "Luna").await?;
    Ok(())
}

fn main() {}
