//! JSON goes through the untyped builder.

use db::planets;
use supabase_core::prelude::*;

async fn query(supabase: Client) -> supabase_core::Result<()> {
    supabase.from(planets::Table).insert(serde_json::json!({ "name": "Pluto" })).await?;
    Ok(())
}

fn main() {}
