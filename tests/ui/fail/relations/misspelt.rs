//! A relation that the table does not have.

use db::planets;
use supabase_core::prelude::*;

async fn query(supabase: Client) -> supabase_core::Result<()> {
    supabase.from(planets::Table).select(All).lacking(planets::rel::mons).await?;
    Ok(())
}

fn main() {}
