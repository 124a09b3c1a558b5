//! A delete says which rows it is about.

use supabase_core::prelude::*;
use supabase_tests::db::countries;

async fn query(supabase: Client) -> supabase_core::Result<()> {
    supabase.from(countries::Table).delete().await?;
    Ok(())
}

fn main() {}
