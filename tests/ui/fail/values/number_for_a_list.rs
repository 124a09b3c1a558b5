//! `in_` takes a list.

use db::planets;
use supabase_core::prelude::*;

async fn query(supabase: Client) -> supabase_core::Result<()> {
    supabase.from(planets::Table).select(All).in_(planets::id, 1).await?;
    Ok(())
}

fn main() {}
