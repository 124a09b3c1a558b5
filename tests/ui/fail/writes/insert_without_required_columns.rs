//! Every missing column is named.

use supabase_core::prelude::*;
use supabase_tests::db::planets;

async fn query(supabase: Client) -> supabase_core::Result<()> {
    supabase.from(planets::Table).insert(insert!(planets { has_rings: true })).await?;
    Ok(())
}

fn main() {}
