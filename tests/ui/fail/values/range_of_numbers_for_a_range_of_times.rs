//! A range has the type of its ends.

use supabase_core::prelude::*;
use supabase_tests::db::reservations;

async fn query(supabase: Client) -> supabase_core::Result<()> {
    supabase.from(reservations::Table).select(All).overlaps(reservations::during, 1..2).await?;
    Ok(())
}

fn main() {}
