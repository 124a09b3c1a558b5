//! A column is not the table.

use db::planets;
use supabase_core::prelude::*;

async fn query(supabase: Client) -> supabase_core::Result<()> {
    supabase.from(planets::id).select(All).await?;
    Ok(())
}

fn main() {}
