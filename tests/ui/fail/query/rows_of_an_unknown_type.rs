//! The untyped builder has to know what to read rows into.

use supabase_core::prelude::*;

async fn query(supabase: Client) -> supabase_core::Result<()> {
    let rows = supabase.from("planets").select("id, name").await?;
    Ok(())
}

fn main() {}
