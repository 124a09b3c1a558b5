//! An order is about one table.

use db::planets;
use supabase_core::prelude::*;

async fn query(supabase: Client) -> supabase_core::Result<()> {
    supabase.from(planets::Table).select(All).order(order!(planets: name, moons::name)).await?;
    Ok(())
}

fn main() {}
