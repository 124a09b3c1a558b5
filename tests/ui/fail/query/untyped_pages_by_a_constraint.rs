//! The untyped builder knows no constraints.

use db::planets;
use supabase_core::prelude::*;

async fn query(supabase: Client) -> supabase_core::Result<()> {
    let rows = supabase.from("planets").select::<serde_json::Value>("id").pages(100).by(planets::unique::id).rows();
    drop(rows);
    Ok(())
}

fn main() {}
