//! A required column cannot be left out.

use db::planets;
use supabase_core::prelude::*;

async fn query(supabase: Client) -> supabase_core::Result<()> {
    supabase.from(planets::Table).insert(insert!(planets { name: Omit, radius_km: 1188.3 })).await?;
    Ok(())
}

fn main() {}
