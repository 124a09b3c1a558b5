//! An operator stands in front of its column.

use db::planets;
use supabase_core::prelude::*;

async fn query(supabase: Client) -> supabase_core::Result<()> {
    supabase.from(planets::Table).select(All).filter(filter!(planets: id.eq(2))).await?;
    Ok(())
}

fn main() {}
