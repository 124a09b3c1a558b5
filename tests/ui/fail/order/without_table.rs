//! An order names its table.

use db::planets;
use supabase_core::prelude::*;

async fn query(supabase: Client) -> supabase_core::Result<()> {
    supabase.from(planets::Table).select(All).order(order!(name desc)).await?;
    Ok(())
}

fn main() {}
