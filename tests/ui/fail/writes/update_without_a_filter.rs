//! An update says which rows it is about.

use db::instruments;
use supabase_core::prelude::*;

async fn query(supabase: Client) -> supabase_core::Result<()> {
    supabase.from(instruments::Table).update(update!(instruments { name: "piano" })).await?;
    Ok(())
}

fn main() {}
