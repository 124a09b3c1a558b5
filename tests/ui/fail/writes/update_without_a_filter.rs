//! An update says which rows it is about.

use supabase_core::prelude::*;
use supabase_tests::db::instruments;

async fn query(supabase: Client) -> supabase_core::Result<()> {
    supabase.from(instruments::Table).update(update!(instruments { name: "piano" })).await?;
    Ok(())
}

fn main() {}
