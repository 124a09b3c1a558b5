//! `.send()` asks for a filter as well.

use db::countries;
use supabase_core::prelude::*;

async fn query(supabase: Client) -> supabase_core::Result<()> {
    supabase.from(countries::Table).delete().send().await?;
    Ok(())
}

fn main() {}
