//! Nothing equals NULL, in conditions as well.

use db::planets;
use supabase_core::prelude::*;

async fn query(supabase: Client, chosen: Option<i64>) -> supabase_core::Result<()> {
    supabase.from(planets::Table).select(All).filter(not(planets::id.eq(chosen))).await?;
    Ok(())
}

fn main() {}
