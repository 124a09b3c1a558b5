//! An argument is passed once.

use db::functions;
use supabase_core::prelude::*;

async fn query(supabase: Client) -> supabase_core::Result<()> {
    supabase.rpc(call!(functions::search_planets { query: "ea", query: "ma" })).await?;
    Ok(())
}

fn main() {}
