//! A row is read from its table.

use supabase_core::prelude::*;
use supabase_tests::db::{moons, planets};

select!(struct Card: planets { id, name });

async fn query(supabase: Client) -> supabase_core::Result<()> {
    supabase.from(moons::Table).select(Card::columns()).await?;
    Ok(())
}

fn main() {}
