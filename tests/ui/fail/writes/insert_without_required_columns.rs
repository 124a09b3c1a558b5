//! Every missing column is named.

use db::planets;
use supabase_core::prelude::*;

async fn query(supabase: Client) -> supabase_core::Result<()> {
    supabase.from(planets::Table).insert(insert!(planets { has_rings: true })).await?;
    Ok(())
}

fn main() {}
