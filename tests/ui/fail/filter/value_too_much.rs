//! `is_null` takes no value.

use db::planets;
use supabase_core::prelude::*;

async fn query(supabase: Client) -> supabase_core::Result<()> {
    supabase.from(planets::Table).select(All).filter(filter!(planets: is_null(mass, true))).await?;
    Ok(())
}

fn main() {}
