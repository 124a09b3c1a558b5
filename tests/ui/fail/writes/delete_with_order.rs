//! PostgREST would ignore `order` and delete every matching row.

use supabase_core::prelude::*;
use supabase_tests::db::countries;

async fn query(supabase: Client) -> supabase_core::Result<()> {
    supabase.from(countries::Table).delete().gt(countries::id, 3).order(countries::id).await?;
    Ok(())
}

fn main() {}
