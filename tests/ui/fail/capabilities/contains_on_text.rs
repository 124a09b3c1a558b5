//! `contains` needs an array, a range or json.

use supabase_core::prelude::*;
use supabase_tests::db::planets;

async fn query(supabase: Client) -> supabase_core::Result<()> {
    supabase.from(planets::Table).select(All).contains(planets::name, "ea").await?;
    supabase.from(planets::Table).select(All).filter(planets::name.contained_by("ea")).await?;
    Ok(())
}

fn main() {}
