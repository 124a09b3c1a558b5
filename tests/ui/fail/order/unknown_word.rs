//! A word that there is not.

use db::planets;
use supabase_core::prelude::*;

async fn query(supabase: Client) -> supabase_core::Result<()> {
    supabase.from(planets::Table).select(All).order(order!(planets: name descending)).await?;
    Ok(())
}

fn main() {}
