//! A struct literal names every argument.

use db::functions;
use supabase_core::prelude::*;

async fn query(supabase: Client) -> supabase_core::Result<()> {
    supabase.rpc(functions::count_moons { planet: 3 }).await?;
    Ok(())
}

fn main() {}
