//! A range has the type of its ends.

use db::reservations;
use supabase_core::prelude::*;

async fn query(supabase: Client) -> supabase_core::Result<()> {
    supabase.from(reservations::Table).select(All).overlaps(reservations::during, 1..2).await?;
    Ok(())
}

fn main() {}
