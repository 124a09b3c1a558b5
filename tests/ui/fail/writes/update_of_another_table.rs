//! An update sets columns of its table.

use db::{moons, planets};
use supabase_core::prelude::*;

async fn query(supabase: Client) -> supabase_core::Result<()> {
    supabase.from(planets::Table).update(update!(moons { name: "Luna" })).eq(planets::id, 1).await?;
    Ok(())
}

fn main() {}
