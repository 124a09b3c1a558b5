//! A column is not the table.

use supabase_core::prelude::*;
use supabase_tests::db::planets;

async fn query(supabase: Client) -> supabase_core::Result<()> {
    supabase.from(planets::id).select(All).await?;
    Ok(())
}

fn main() {}
