//! An operator that there is not, with the nearest one.

use db::planets;
use supabase_core::prelude::*;

async fn query(supabase: Client) -> supabase_core::Result<()> {
    supabase.from(planets::Table).select(All).filter(filter!(planets: eqq(id, 2))).await?;
    Ok(())
}

fn main() {}
