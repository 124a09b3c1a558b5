//! A json path needs json.

use db::planets;
use supabase_core::prelude::*;

async fn query(supabase: Client) -> supabase_core::Result<()> {
    supabase.from(planets::Table).select(All).filter(filter!(planets: eq(name ->> "first", "E"))).await?;
    Ok(())
}

fn main() {}
