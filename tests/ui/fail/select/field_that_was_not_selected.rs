//! A row has the fields that were selected.

use db::planets;
use supabase_core::prelude::*;

select!(struct Card: planets { id, name });

async fn query(supabase: Client) -> supabase_core::Result<()> {
    let cards = supabase.from(planets::Table).select(Card::columns()).await?;
    println!("{}", cards[0].mass.is_some());
    Ok(())
}

fn main() {}
