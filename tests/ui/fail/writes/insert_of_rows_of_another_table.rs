//! Rows go into their table.

use db::{moons, planets};
use supabase_core::prelude::*;

async fn query(supabase: Client) -> supabase_core::Result<()> {
    supabase.from(planets::Table).insert_many([moons::Insert::new("Luna", 3)]).await?;
    Ok(())
}

fn main() {}
