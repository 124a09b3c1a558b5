//! A column that the table does not have.

use supabase_core::prelude::*;
use supabase_tests::db::planets;

async fn query(supabase: Client) -> supabase_core::Result<()> {
    supabase.from(planets::Table).select(All).eq(planets::nmae, "Earth").await?;
    Ok(())
}

fn main() {}
