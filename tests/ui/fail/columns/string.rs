//! The typed builder takes columns, not their names.

use supabase_core::prelude::*;
use supabase_tests::db::planets;

async fn query(supabase: Client) -> supabase_core::Result<()> {
    supabase.from(planets::Table).select(All).eq("name", "Earth").await?;
    Ok(())
}

fn main() {}
