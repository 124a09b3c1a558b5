//! An argument has the type that the function declares.

use db::functions;
use supabase_core::prelude::*;

async fn query(supabase: Client) -> supabase_core::Result<()> {
    supabase.rpc(functions::count_moons { planet: "Earth", smallest_km: Omit }).await?;
    Ok(())
}

fn main() {}
