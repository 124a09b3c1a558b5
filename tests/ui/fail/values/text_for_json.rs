//! A document is a JSON value.

use db::planets;
use supabase_core::prelude::*;

async fn query(supabase: Client) -> supabase_core::Result<()> {
    supabase.from(planets::Table).select(All).contains(planets::facts, "life").await?;
    Ok(())
}

fn main() {}
