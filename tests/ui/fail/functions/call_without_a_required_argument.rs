//! `call!` leaves out defaults alone.

use supabase_core::prelude::*;
use supabase_tests::db::functions;

async fn query(supabase: Client) -> supabase_core::Result<()> {
    supabase.rpc(call!(functions::count_moons { smallest_km: 10.0 })).await?;
    Ok(())
}

fn main() {}
