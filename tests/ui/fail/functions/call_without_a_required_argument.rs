//! `call!` leaves out defaults alone.

use db::functions;
use supabase_core::prelude::*;

async fn query(supabase: Client) -> supabase_core::Result<()> {
    supabase.rpc(call!(functions::count_moons { smallest_km: 10.0 })).await?;
    Ok(())
}

fn main() {}
