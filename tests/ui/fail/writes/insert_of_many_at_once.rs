//! Several rows go through `insert_many`.

use db::planets;
use supabase_core::prelude::*;

async fn query(supabase: Client) -> supabase_core::Result<()> {
    supabase.from(planets::Table).insert(vec![insert!(planets { name: "Pluto", radius_km: 1188.3 })]).await?;
    Ok(())
}

fn main() {}
