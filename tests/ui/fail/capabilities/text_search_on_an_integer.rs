//! Full text search needs text.

use db::planets;
use supabase_core::prelude::*;

async fn query(supabase: Client) -> supabase_core::Result<()> {
    supabase.from(planets::Table).select(All).text_search(planets::id, "cat").await?;
    supabase.from(planets::Table).select(All).filter(planets::id.text_search("cat")).await?;
    Ok(())
}

fn main() {}
