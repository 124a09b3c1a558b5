//! `.within(..)` takes a relation of the row.

use db::{moons, planets};
use supabase_core::prelude::*;

async fn query(supabase: Client) -> supabase_core::Result<()> {
    supabase.from(planets::Table).select(select!(planets { id, moons { name } })).within(moons::rel::craters, |craters| craters.limit(3)).await?;
    Ok(())
}

fn main() {}
