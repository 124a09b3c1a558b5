//! A filter says something.

use supabase_core::prelude::*;
use supabase_tests::db::planets;

async fn query(supabase: Client) -> supabase_core::Result<()> {
    supabase.from(planets::Table).select(All).filter(filter!(planets:)).await?;
    Ok(())
}

fn main() {}
