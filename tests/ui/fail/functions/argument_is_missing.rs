//! A struct literal names every argument.

use supabase_core::prelude::*;
use supabase_tests::db::functions;

async fn query(supabase: Client) -> supabase_core::Result<()> {
    supabase.rpc(functions::count_moons { planet: 3 }).await?;
    Ok(())
}

fn main() {}
