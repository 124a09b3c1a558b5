//! `.within(..)` takes a relation of the row.

use supabase_core::prelude::*;
use supabase_tests::db::{moons, planets};

async fn query(supabase: Client) -> supabase_core::Result<()> {
    supabase.from(planets::Table).select(select!(planets { id, moons { name } })).within(moons::rel::craters, |craters| craters.limit(3)).await?;
    Ok(())
}

fn main() {}
