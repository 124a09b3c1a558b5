//! NULLs go first or last.

use supabase_core::prelude::*;
use supabase_tests::db::planets;

async fn query(supabase: Client) -> supabase_core::Result<()> {
    supabase.from(planets::Table).select(All).order(order!(planets: name nulls frist)).await?;
    Ok(())
}

fn main() {}
