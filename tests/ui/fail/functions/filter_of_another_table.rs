//! The rows of a function are rows of its table.

use db::{functions, moons};
use supabase_core::prelude::*;

async fn query(supabase: Client) -> supabase_core::Result<()> {
    supabase.rpc(functions::search_planets { query: "ea" }).eq(moons::name, "Luna").await?;
    Ok(())
}

fn main() {}
