//! An insert has no rows to filter.

use supabase_core::prelude::*;
use supabase_tests::db::instruments;

async fn query(supabase: Client) -> supabase_core::Result<()> {
    supabase.from(instruments::Table).insert(insert!(instruments { name: "piano" })).eq(instruments::id, 1).await?;
    Ok(())
}

fn main() {}
