//! `single()` gives one row.

use db::planets;
use supabase_core::prelude::*;

async fn query(supabase: Client) -> supabase_core::Result<()> {
    let rows: Vec<planets::Row> = supabase.from(planets::Table).select(All).single().await?;
    drop(rows);
    Ok(())
}

fn main() {}
