//! Asking for the rows is not a filter.

use supabase_core::prelude::*;
use supabase_tests::db::instruments;

async fn query(supabase: Client) -> supabase_core::Result<()> {
    supabase.from(instruments::Table).update(update!(instruments { name: "piano" })).select(All).await?;
    Ok(())
}

fn main() {}
