//! The rows of a function are rows of its table.

use supabase_core::prelude::*;
use supabase_tests::db::{functions, moons};

async fn query(supabase: Client) -> supabase_core::Result<()> {
    supabase.rpc(functions::search_planets { query: "ea" }).eq(moons::name, "Luna").await?;
    Ok(())
}

fn main() {}
