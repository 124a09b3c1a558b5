//! `All` reads the generated row.

use supabase_core::prelude::*;

#[path = "../../schema/without_row.rs"]
mod without_row;

async fn query(supabase: Client) -> supabase_core::Result<()> {
    supabase.from(without_row::Table).select(All).await?;
    Ok(())
}

fn main() {}
