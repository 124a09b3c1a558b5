//! The database alone sets a generated column.

use db::planets;
use supabase_core::prelude::*;

async fn query(supabase: Client) -> supabase_core::Result<()> {
    supabase.from(planets::Table).insert(insert!(planets { name: "Pluto", radius_km: 1188.3, diameter_km: 2376.6 })).await?;
    Ok(())
}

fn main() {}
