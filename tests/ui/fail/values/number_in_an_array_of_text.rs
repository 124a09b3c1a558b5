//! Each element has the type of the array’s elements.

use supabase_core::prelude::*;
use supabase_tests::db::planets;

async fn query(supabase: Client) -> supabase_core::Result<()> {
    supabase.from(planets::Table).select(All).contains(planets::tags, [1, 2]).await?;
    Ok(())
}

fn main() {}
