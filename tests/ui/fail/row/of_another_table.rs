//! A row is read from its table.

use supabase_core::prelude::*;
use supabase_tests::db::{moons, planets};

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
