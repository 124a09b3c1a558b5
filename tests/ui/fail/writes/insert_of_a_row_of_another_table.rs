//! A row goes into its table.

use supabase_core::prelude::*;
use supabase_tests::db::{moons, planets};

async fn query(supabase: Client) -> supabase_core::Result<()> {
    supabase.from(planets::Table).insert(insert!(moons { name: "Luna", planet_id: 3 })).await?;
    Ok(())
}

fn main() {}
