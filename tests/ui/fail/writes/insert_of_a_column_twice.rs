//! A column is set once.

use db::planets;
use supabase_core::prelude::*;

async fn query(supabase: Client) -> supabase_core::Result<()> {
    supabase.from(planets::Table).insert(insert!(planets { name: "Pluto", radius_km: 1188.3, name: "Charon" })).await?;
    Ok(())
}

fn main() {}
