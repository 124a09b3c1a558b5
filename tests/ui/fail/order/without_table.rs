//! An order names its table.

use supabase_core::prelude::*;
use supabase_tests::db::planets;

async fn query(supabase: Client) -> supabase_core::Result<()> {
    supabase.from(planets::Table).select(All).order(order!(name desc)).await?;
    Ok(())
}

fn main() {}
