//! PostgREST would ignore `limit` and delete every matching row.

use db::countries;
use supabase_core::prelude::*;

async fn query(supabase: Client) -> supabase_core::Result<()> {
    supabase.from(countries::Table).delete().gt(countries::id, 3).limit(1).await?;
    Ok(())
}

fn main() {}
