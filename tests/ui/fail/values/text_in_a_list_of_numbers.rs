//! Each value of a list has the type of the column.

use db::planets;
use supabase_core::prelude::*;

async fn query(supabase: Client) -> supabase_core::Result<()> {
    supabase.from(planets::Table).select(All).in_(planets::id, ["1", "2"]).await?;
    Ok(())
}

fn main() {}
