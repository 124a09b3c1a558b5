//! A range is compared with a range.

use db::reservations;
use supabase_core::prelude::*;

async fn query(supabase: Client) -> supabase_core::Result<()> {
    supabase.from(reservations::Table).select(All).range_gt(reservations::during, 3).await?;
    Ok(())
}

fn main() {}
