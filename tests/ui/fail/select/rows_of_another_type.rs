//! Rows have the type of the selection.

use supabase_core::prelude::*;
use supabase_tests::db::planets;

async fn query(supabase: Client) -> supabase_core::Result<()> {
    let rows: Vec<(i64, i64)> = supabase.from(planets::Table).select((planets::id, planets::name)).await?;
    drop(rows);
    Ok(())
}

fn main() {}
