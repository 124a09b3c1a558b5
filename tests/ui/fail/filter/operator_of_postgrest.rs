//! An operator as PostgREST spells it, with ours.

use db::planets;
use supabase_core::prelude::*;

async fn query(supabase: Client) -> supabase_core::Result<()> {
    supabase.from(planets::Table).select(All).filter(filter!(planets: cs(tags, ["hot"]))).await?;
    Ok(())
}

fn main() {}
