//! A function that the schema does not have.

use supabase_core::prelude::*;
use supabase_tests::db::functions;

async fn query(supabase: Client) -> supabase_core::Result<()> {
    supabase.rpc(functions::search_plantes { query: "ea" }).await?;
    Ok(())
}

fn main() {}
