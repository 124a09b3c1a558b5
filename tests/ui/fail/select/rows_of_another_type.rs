//! Rows have the type of the selection.

use db::planets;
use supabase_core::prelude::*;

async fn query(supabase: Client) -> supabase_core::Result<()> {
    let rows: Vec<(i64, i64)> = supabase.from(planets::Table).select((planets::id, planets::name)).await?;
    drop(rows);
    Ok(())
}

fn main() {}
