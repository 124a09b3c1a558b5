//! A timestamptz is compared with an instant.

use db::planets;
use supabase_core::prelude::*;

async fn query(supabase: Client, day: chrono::NaiveDate) -> supabase_core::Result<()> {
    supabase.from(planets::Table).select(All).gt(planets::surveyed_at, day.and_time(chrono::NaiveTime::MIN)).await?;
    Ok(())
}

fn main() {}
