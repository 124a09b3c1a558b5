//! An array contains a list of elements.

use db::planets;
use supabase_core::prelude::*;

async fn query(supabase: Client) -> supabase_core::Result<()> {
    supabase.from(planets::Table).select(All).contains(planets::tags, "hot").await?;
    Ok(())
}

fn main() {}
