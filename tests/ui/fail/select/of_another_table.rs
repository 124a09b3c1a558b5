//! A row is read from its table.

use db::{moons, planets};
use supabase_core::prelude::*;

select!(struct Card: planets { id, name });

async fn query(supabase: Client) -> supabase_core::Result<()> {
    supabase.from(moons::Table).select(Card::columns()).await?;
    Ok(())
}

fn main() {}
