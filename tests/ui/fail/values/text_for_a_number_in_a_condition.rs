//! A value has the type of its column, in conditions as well.

use db::planets;
use supabase_core::prelude::*;

async fn query(supabase: Client) -> supabase_core::Result<()> {
    supabase.from(planets::Table).select(All).filter(any([planets::id.eq("3")])).await?;
    Ok(())
}

fn main() {}
