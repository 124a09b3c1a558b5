//! A related row is sorted by with a column of its own table.

use db::planets;
use supabase_core::prelude::*;

async fn query(supabase: Client) -> supabase_core::Result<()> {
    supabase.from(planets::Table).select(All).order_related(planets::rel::star, planets::name).await?;
    Ok(())
}

fn main() {}
