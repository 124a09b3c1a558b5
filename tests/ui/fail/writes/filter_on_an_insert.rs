//! An insert has no rows to filter.

use db::instruments;
use supabase_core::prelude::*;

async fn query(supabase: Client) -> supabase_core::Result<()> {
    supabase.from(instruments::Table).insert(insert!(instruments { name: "piano" })).eq(instruments::id, 1).await?;
    Ok(())
}

fn main() {}
