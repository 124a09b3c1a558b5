//! `.single()` is not a filter.

use db::countries;
use supabase_core::prelude::*;

async fn query(supabase: Client) -> supabase_core::Result<()> {
    supabase.from(countries::Table).delete().select(All).single().await?;
    Ok(())
}

fn main() {}
