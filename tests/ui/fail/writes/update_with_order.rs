//! PostgREST would ignore `order` and change every matching row.

use db::countries;
use supabase_core::prelude::*;

async fn query(supabase: Client) -> supabase_core::Result<()> {
    supabase.from(countries::Table).update(update!(countries { code: None })).gt(countries::id, 3).order(countries::id).await?;
    Ok(())
}

fn main() {}
