//! A row goes into its table.

use db::{moons, planets};
use supabase_core::prelude::*;

async fn query(supabase: Client) -> supabase_core::Result<()> {
    supabase.from(planets::Table).insert(insert!(moons { name: "Luna", planet_id: 3 })).await?;
    Ok(())
}

fn main() {}
