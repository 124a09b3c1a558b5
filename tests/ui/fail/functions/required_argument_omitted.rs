//! An argument without default cannot be left out.

use db::functions;
use supabase_core::prelude::*;

async fn query(supabase: Client) -> supabase_core::Result<()> {
    supabase.rpc(functions::search_planets { query: Omit }).await?;
    Ok(())
}

fn main() {}
