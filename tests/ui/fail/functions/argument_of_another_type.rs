//! An argument has the type that the function declares.

use supabase_core::prelude::*;
use supabase_tests::db::functions;

async fn query(supabase: Client) -> supabase_core::Result<()> {
    supabase.rpc(functions::count_moons { planet: "Earth", smallest_km: Omit }).await?;
    Ok(())
}

fn main() {}
