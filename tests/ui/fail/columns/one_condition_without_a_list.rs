//! `any` takes a list.

use db::planets;
use supabase_core::prelude::*;

async fn query(supabase: Client) -> supabase_core::Result<()> {
    supabase.from(planets::Table).select(All).filter(any(planets::id.eq(1))).await?;
    Ok(())
}

fn main() {}
