//! A function that the schema does not have.

use db::functions;
use supabase_core::prelude::*;

async fn query(supabase: Client) -> supabase_core::Result<()> {
    supabase.rpc(call!(functions::search_plantes { query: "ea" })).await?;
    Ok(())
}

fn main() {}
