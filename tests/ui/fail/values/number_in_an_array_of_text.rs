//! Each element has the type of the array’s elements.

use db::planets;
use supabase_core::prelude::*;

async fn query(supabase: Client) -> supabase_core::Result<()> {
    supabase.from(planets::Table).select(All).contains(planets::tags, [1, 2]).await?;
    Ok(())
}

fn main() {}
