//! What is read is not what is inserted.

use db::planets;
use supabase_core::prelude::*;

async fn query(supabase: Client, earth: planets::Row) -> supabase_core::Result<()> {
    supabase.from(planets::Table).insert(earth).await?;
    Ok(())
}

fn main() {}
