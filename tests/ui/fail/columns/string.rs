//! The typed builder takes columns, not their names.

use db::planets;
use supabase_core::prelude::*;

async fn query(supabase: Client) -> supabase_core::Result<()> {
    supabase.from(planets::Table).select(All).eq("name", "Earth").await?;
    Ok(())
}

fn main() {}
