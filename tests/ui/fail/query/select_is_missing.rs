//! A table alone is no query.

use db::planets;
use supabase_core::prelude::*;

async fn query(supabase: Client) -> supabase_core::Result<()> {
    supabase.from(planets::Table).await?;
    Ok(())
}

fn main() {}
