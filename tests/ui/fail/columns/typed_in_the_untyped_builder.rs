//! The untyped builder takes names.

use supabase_core::prelude::*;
use supabase_tests::db::planets;

async fn query(supabase: Client) -> supabase_core::Result<()> {
    let rows: Vec<serde_json::Value> = supabase.from("planets").select("id").eq(planets::id, 2).await?;
    drop(rows);
    Ok(())
}

fn main() {}
