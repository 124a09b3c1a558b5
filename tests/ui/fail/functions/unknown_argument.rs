//! An argument that the function does not have.

use db::functions;
use supabase_core::prelude::*;

async fn query(supabase: Client) -> supabase_core::Result<()> {
    supabase.rpc(functions::search_planets { qeury: "ea" }).await?;
    Ok(())
}

fn main() {}
