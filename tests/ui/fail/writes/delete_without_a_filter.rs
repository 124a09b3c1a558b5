//! A delete says which rows it is about.

use db::countries;
use supabase_core::prelude::*;

async fn query(supabase: Client) -> supabase_core::Result<()> {
    supabase.from(countries::Table).delete().await?;
    Ok(())
}

fn main() {}
