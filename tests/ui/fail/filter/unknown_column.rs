//! A column that the table does not have.

use db::planets;
use supabase_core::prelude::*;

async fn query(supabase: Client) -> supabase_core::Result<()> {
    supabase.from(planets::Table).select(All).filter(filter!(planets: eq(nmae, "Earth") and eq(id, 2))).await?;
    Ok(())
}

fn main() {}
