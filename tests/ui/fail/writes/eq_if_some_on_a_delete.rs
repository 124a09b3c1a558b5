//! A filter that may be missing is no filter.

use db::countries;
use supabase_core::prelude::*;

async fn query(supabase: Client, chosen: Option<i64>) -> supabase_core::Result<()> {
    supabase.from(countries::Table).delete().eq_if_some(countries::id, chosen).await?;
    Ok(())
}

fn main() {}
