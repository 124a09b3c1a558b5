//! A table alone is no query.

use supabase_core::prelude::*;
use supabase_tests::db::planets;

async fn query(supabase: Client) -> supabase_core::Result<()> {
    supabase.from(planets::Table).await?;
    Ok(())
}

fn main() {}
