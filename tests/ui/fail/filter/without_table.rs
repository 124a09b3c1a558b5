//! A filter names its table.

use db::planets;
use supabase_core::prelude::*;

async fn query(supabase: Client) -> supabase_core::Result<()> {
    supabase.from(planets::Table).select(All).filter(filter!(eq(id, 1))).await?;
    Ok(())
}

fn main() {}
