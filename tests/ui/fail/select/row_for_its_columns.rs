//! `.select(..)` takes the columns of a row.

use db::planets;
use supabase_core::prelude::*;

select!(struct Card: planets { id, name });

async fn query(supabase: Client) -> supabase_core::Result<()> {
    supabase.from(planets::Table).select(Card).await?;
    Ok(())
}

fn main() {}
