//! NULLs go first or last.

use db::planets;
use supabase_core::prelude::*;

async fn query(supabase: Client) -> supabase_core::Result<()> {
    supabase.from(planets::Table).select(All).order(order!(planets: name nulls frist)).await?;
    Ok(())
}

fn main() {}
