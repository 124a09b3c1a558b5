//! A condition is about the table of the query.

use db::{moons, planets};
use supabase_core::prelude::*;

async fn query(supabase: Client) -> supabase_core::Result<()> {
    supabase.from(planets::Table).select(All).filter(moons::name.eq("Luna")).await?;
    Ok(())
}

fn main() {}
