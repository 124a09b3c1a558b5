//! A row is read from its table.

use db::{moons, planets};
use supabase_core::prelude::*;

#[derive(Row)]
#[row(planets)]
struct Mini {
    id: i64,
}

async fn query(supabase: Client) -> supabase_core::Result<()> {
    supabase.from(moons::Table).select(Mini::columns()).await?;
    Ok(())
}

fn main() {}
