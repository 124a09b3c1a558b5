//! `rpc` takes a function.

use supabase_core::prelude::*;

async fn query(supabase: Client) -> supabase_core::Result<()> {
    supabase.rpc(3).await?;
    Ok(())
}

fn main() {}
