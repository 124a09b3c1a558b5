//! `call!` checks the type of an argument.

use supabase_core::prelude::*;
use supabase_tests::db::functions;

async fn query(supabase: Client) -> supabase_core::Result<()> {
    supabase.rpc(call!(functions::search_planets { query: 3 })).await?;
    Ok(())
}

fn main() {}
