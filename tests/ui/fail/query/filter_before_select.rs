//! A filter comes after the verb.

use supabase_core::prelude::*;
use supabase_tests::db::planets;

async fn query(supabase: Client) -> supabase_core::Result<()> {
    supabase.from(planets::Table).eq(planets::id, 3).select(All).await?;
    Ok(())
}

fn main() {}
