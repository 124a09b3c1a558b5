//! A step of a json path is a key or an index.

use db::planets;
use supabase_core::prelude::*;

async fn query(supabase: Client) -> supabase_core::Result<()> {
    supabase.from(planets::Table).select(All).eq(planets::facts.json_text(1.5), "red").await?;
    Ok(())
}

fn main() {}
