//! `any` of nothing says nothing.

use db::planets;
use supabase_core::prelude::*;

async fn query(supabase: Client) -> supabase_core::Result<()> {
    supabase.from(planets::Table).select(All).filter(any([])).await?;
    Ok(())
}

fn main() {}
