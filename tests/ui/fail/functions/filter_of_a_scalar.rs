//! One value has no rows to filter.

use db::{functions, planets};
use supabase_core::prelude::*;

async fn query(supabase: Client) -> supabase_core::Result<()> {
    supabase.rpc(functions::hello_world {}).eq(planets::id, 3).await?;
    Ok(())
}

fn main() {}
