//! A select list in a string belongs to the untyped builder.

use db::planets;
use supabase_core::prelude::*;

async fn query(supabase: Client) -> supabase_core::Result<()> {
    supabase.from(planets::Table).select("id, name").await?;
    Ok(())
}

fn main() {}
