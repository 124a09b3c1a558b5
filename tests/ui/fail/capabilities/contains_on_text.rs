//! `contains` needs an array, a range or json.

use db::planets;
use supabase_core::prelude::*;

async fn query(supabase: Client) -> supabase_core::Result<()> {
    supabase.from(planets::Table).select(All).contains(planets::name, "ea").await?;
    supabase.from(planets::Table).select(All).filter(planets::name.contained_by("ea")).await?;
    Ok(())
}

fn main() {}
