//! The typed builder orders by columns, not by their names.

use db::planets;
use supabase_core::prelude::*;

async fn query(supabase: Client) -> supabase_core::Result<()> {
    supabase.from(planets::Table).select(All).order("name").await?;
    Ok(())
}

fn main() {}
