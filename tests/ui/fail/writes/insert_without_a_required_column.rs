//! A column that is NOT NULL without default has to be set.

use db::moons;
use supabase_core::prelude::*;

async fn query(supabase: Client) -> supabase_core::Result<()> {
    supabase.from(moons::Table).insert(insert!(moons { name: "Luna" })).await?;
    Ok(())
}

fn main() {}
