//! `call!` knows the arguments.

use supabase_core::prelude::*;
use supabase_tests::db::functions;

async fn query(supabase: Client) -> supabase_core::Result<()> {
    supabase.rpc(call!(functions::search_planets { qeury: "ea" })).await?;
    Ok(())
}

fn main() {}
