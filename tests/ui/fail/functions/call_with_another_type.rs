//! `call!` checks the type of an argument.

use db::functions;
use supabase_core::prelude::*;

async fn query(supabase: Client) -> supabase_core::Result<()> {
    supabase.rpc(call!(functions::search_planets { query: 3 })).await?;
    Ok(())
}

fn main() {}
