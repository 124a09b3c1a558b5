//! A boolean is `true` or `false`.

use db::issues;
use supabase_core::prelude::*;

async fn query(supabase: Client) -> supabase_core::Result<()> {
    supabase.from(issues::Table).select(All).eq(issues::open, "true").await?;
    Ok(())
}

fn main() {}
