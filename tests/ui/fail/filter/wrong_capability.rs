//! An operator needs a column of its kind.

use db::planets;
use supabase_core::prelude::*;

async fn query(supabase: Client) -> supabase_core::Result<()> {
    supabase.from(planets::Table).select(All).filter(filter!(planets: range_gt(id, 2) and contains(name, "ea"))).await?;
    Ok(())
}

fn main() {}
