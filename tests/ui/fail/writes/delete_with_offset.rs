//! PostgREST would ignore `offset` and delete every matching row.

use supabase_core::prelude::*;
use supabase_tests::db::countries;

async fn query(supabase: Client) -> supabase_core::Result<()> {
    supabase.from(countries::Table).delete().gt(countries::id, 3).offset(1).await?;
    Ok(())
}

fn main() {}
