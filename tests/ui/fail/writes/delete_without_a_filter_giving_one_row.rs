//! `.single()` is not a filter.

use supabase_core::prelude::*;
use supabase_tests::db::countries;

async fn query(supabase: Client) -> supabase_core::Result<()> {
    supabase.from(countries::Table).delete().select(All).single().await?;
    Ok(())
}

fn main() {}
