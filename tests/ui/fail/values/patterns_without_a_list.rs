//! `like_any_of` takes a list.

use db::planets;
use supabase_core::prelude::*;

async fn query(supabase: Client) -> supabase_core::Result<()> {
    supabase.from(planets::Table).select(All).like_any_of(planets::name, "%a%").await?;
    Ok(())
}

fn main() {}
