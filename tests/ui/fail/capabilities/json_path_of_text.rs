//! A json path needs json.

use db::planets;
use supabase_core::prelude::*;

async fn query(supabase: Client) -> supabase_core::Result<()> {
    supabase.from(planets::Table).select(All).eq(planets::name.json_text("first"), "E").await?;
    supabase.from(planets::Table).select(All).filter(planets::name.json("first").is_null()).await?;
    Ok(())
}

fn main() {}
