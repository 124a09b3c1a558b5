//! A boolean is `true` or `false`.

use supabase_core::prelude::*;
use supabase_tests::db::issues;

async fn query(supabase: Client) -> supabase_core::Result<()> {
    supabase.from(issues::Table).select(All).eq(issues::open, "true").await?;
    Ok(())
}

fn main() {}
