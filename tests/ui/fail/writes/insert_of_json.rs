//! JSON goes through the untyped builder.

use supabase_core::prelude::*;
use supabase_tests::db::planets;

async fn query(supabase: Client) -> supabase_core::Result<()> {
    supabase.from(planets::Table).insert(serde_json::json!({ "name": "Pluto" })).await?;
    Ok(())
}

fn main() {}
