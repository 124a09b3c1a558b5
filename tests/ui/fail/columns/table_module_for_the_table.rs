//! A table module is not the table.

use supabase_core::prelude::*;
use supabase_tests::db::planets;

async fn query(supabase: Client) -> supabase_core::Result<()> {
    supabase.from(planets).select(All).await?;
    Ok(())
}

fn main() {}
