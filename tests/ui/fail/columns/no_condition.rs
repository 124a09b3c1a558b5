//! `any` of nothing says nothing.

use supabase_core::prelude::*;
use supabase_tests::db::planets;

async fn query(supabase: Client) -> supabase_core::Result<()> {
    supabase.from(planets::Table).select(All).filter(any([])).await?;
    Ok(())
}

fn main() {}
