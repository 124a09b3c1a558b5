//! `eq_if_some` takes an `Option`.

use db::planets;
use supabase_core::prelude::*;

async fn query(supabase: Client) -> supabase_core::Result<()> {
    supabase.from(planets::Table).select(All).eq_if_some(planets::id, 3).await?;
    Ok(())
}

fn main() {}
