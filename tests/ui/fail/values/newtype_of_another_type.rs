//! A derived value stands where its field may stand.

use db::planets;
use supabase_core::prelude::*;

#[derive(Value)]
struct PlanetId(i64);

async fn query(supabase: Client) -> supabase_core::Result<()> {
    supabase.from(planets::Table).select(All).eq(planets::name, PlanetId(3)).await?;
    Ok(())
}

fn main() {}
