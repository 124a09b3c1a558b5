//! A required column cannot be left out sometimes.

use db::planets;
use supabase_core::prelude::*;

async fn query(supabase: Client, name: Option<String>) -> supabase_core::Result<()> {
    supabase.from(planets::Table).insert(insert!(planets { name?: name, radius_km: 1188.3 })).await?;
    Ok(())
}

fn main() {}
