//! `call!` knows the arguments.

use db::functions;
use supabase_core::prelude::*;

async fn query(supabase: Client) -> supabase_core::Result<()> {
    supabase.rpc(call!(functions::search_planets { qeury: "ea" })).await?;
    Ok(())
}

fn main() {}
