//! A value has the type of its column.

use db::planets;
use supabase_core::prelude::*;

async fn query(supabase: Client) -> supabase_core::Result<()> {
    supabase.from(planets::Table).select(All).eq(planets::name, 3).await?;
    Ok(())
}

fn main() {}
