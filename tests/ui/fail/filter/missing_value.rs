//! An operator takes a value.

use supabase_core::prelude::*;
use supabase_tests::db::planets;

async fn query(supabase: Client) -> supabase_core::Result<()> {
    supabase.from(planets::Table).select(All).filter(filter!(planets: eq(id))).await?;
    Ok(())
}

fn main() {}
