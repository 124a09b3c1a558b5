//! `.send()` asks for a filter as well.

use supabase_core::prelude::*;
use supabase_tests::db::countries;

async fn query(supabase: Client) -> supabase_core::Result<()> {
    supabase.from(countries::Table).delete().send().await?;
    Ok(())
}

fn main() {}
