//! Columns are compared by methods: Rust’s operators compare at once.

use db::planets;
use supabase_core::prelude::*;

async fn query(supabase: Client) -> supabase_core::Result<()> {
    supabase.from(planets::Table).select(All).filter(planets::id == 2).await?;
    Ok(())
}

fn main() {}
