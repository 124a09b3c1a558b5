//! An argument is passed once.

use supabase_core::prelude::*;
use supabase_tests::db::functions;

async fn query(supabase: Client) -> supabase_core::Result<()> {
    supabase.rpc(call!(functions::search_planets { query: "ea", query: "ma" })).await?;
    Ok(())
}

fn main() {}
