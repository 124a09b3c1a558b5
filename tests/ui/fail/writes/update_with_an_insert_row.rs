//! An update takes what `update!` makes.

use db::planets;
use supabase_core::prelude::*;

async fn query(supabase: Client) -> supabase_core::Result<()> {
    supabase.from(planets::Table).update(planets::Insert::new("Pluto", 1188.3)).eq(planets::id, 1).await?;
    Ok(())
}

fn main() {}
