//! Nothing equals NULL.

use supabase_core::prelude::*;
use supabase_tests::db::planets;

async fn query(supabase: Client, chosen: Option<i64>) -> supabase_core::Result<()> {
    supabase.from(planets::Table).select(All).eq(planets::id, chosen).await?;
    Ok(())
}

fn main() {}
