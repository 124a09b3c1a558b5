//! PostgREST would ignore `order` and delete every matching row.

use db::countries;
use supabase_core::prelude::*;

async fn query(supabase: Client) -> supabase_core::Result<()> {
    supabase.from(countries::Table).delete().gt(countries::id, 3).order(countries::id).await?;
    Ok(())
}

fn main() {}
