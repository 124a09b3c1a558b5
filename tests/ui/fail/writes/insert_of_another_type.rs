//! A value has the type of its column.

use db::planets;
use supabase_core::prelude::*;

async fn query(supabase: Client) -> supabase_core::Result<()> {
    supabase.from(planets::Table).insert(insert!(planets { name: 9, radius_km: "large" })).await?;
    Ok(())
}

fn main() {}
