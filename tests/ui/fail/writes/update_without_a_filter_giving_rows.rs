//! Asking for the rows is not a filter.

use db::instruments;
use supabase_core::prelude::*;

async fn query(supabase: Client) -> supabase_core::Result<()> {
    supabase.from(instruments::Table).update(update!(instruments { name: "piano" })).select(All).await?;
    Ok(())
}

fn main() {}
