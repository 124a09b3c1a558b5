//! A text search takes a query.

use db::texts;
use supabase_core::prelude::*;

async fn query(supabase: Client) -> supabase_core::Result<()> {
    supabase.from(texts::Table).select(All).text_search(texts::search, 3).await?;
    Ok(())
}

fn main() {}
