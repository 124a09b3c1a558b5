//! A document is a JSON value.

use supabase_core::prelude::*;
use supabase_tests::db::planets;

async fn query(supabase: Client) -> supabase_core::Result<()> {
    supabase.from(planets::Table).select(All).contains(planets::facts, "life").await?;
    Ok(())
}

fn main() {}
