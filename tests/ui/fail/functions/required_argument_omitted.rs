//! An argument without default cannot be left out.

use supabase_core::prelude::*;
use supabase_tests::db::functions;

async fn query(supabase: Client) -> supabase_core::Result<()> {
    supabase.rpc(functions::search_planets { query: Omit }).await?;
    Ok(())
}

fn main() {}
