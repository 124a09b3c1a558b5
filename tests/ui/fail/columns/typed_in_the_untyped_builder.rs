//! The untyped builder takes names.

use db::planets;
use supabase_core::prelude::*;

async fn query(supabase: Client) -> supabase_core::Result<()> {
    let rows: Vec<serde_json::Value> = supabase.from("planets").select("id").eq(planets::id, 2).await?;
    drop(rows);
    Ok(())
}

fn main() {}
