//! Rows are ordered by columns of their table.

use db::{moons, planets};
use supabase_core::prelude::*;

async fn query(supabase: Client) -> supabase_core::Result<()> {
    supabase.from(planets::Table).select(All).order((planets::id, moons::name.desc())).await?;
    Ok(())
}

fn main() {}
