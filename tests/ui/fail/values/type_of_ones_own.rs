//! A type of one’s own is a value where it says so.

use db::planets;
use supabase_core::prelude::*;

struct PlanetId(i64);

async fn query(supabase: Client) -> supabase_core::Result<()> {
    supabase.from(planets::Table).select(All).eq(planets::id, PlanetId(3)).await?;
    Ok(())
}

fn main() {}
