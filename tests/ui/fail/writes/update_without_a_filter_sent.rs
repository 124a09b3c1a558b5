//! `.send()` asks for a filter as well.

use db::instruments;
use supabase_core::prelude::*;

async fn query(supabase: Client) -> supabase_core::Result<()> {
    supabase.from(instruments::Table).update(update!(instruments { name: "piano" })).send().await?;
    Ok(())
}

fn main() {}
