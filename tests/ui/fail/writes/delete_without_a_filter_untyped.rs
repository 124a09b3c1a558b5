//! The untyped builder asks for a filter as well.

use supabase_core::prelude::*;

async fn query(supabase: Client) -> supabase_core::Result<()> {
    supabase.from("countries").delete().await?;
    Ok(())
}

fn main() {}
