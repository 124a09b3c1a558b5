//! An operator that there is not, with the nearest one.

use supabase_core::prelude::*;
use supabase_tests::db::planets;

async fn query(supabase: Client) -> supabase_core::Result<()> {
    supabase.from(planets::Table).select(All).filter(filter!(planets: eqq(id, 2))).await?;
    Ok(())
}

fn main() {}
