//! One value has no rows to filter.

use supabase_core::prelude::*;
use supabase_tests::db::{functions, planets};

async fn query(supabase: Client) -> supabase_core::Result<()> {
    supabase.rpc(functions::hello_world {}).eq(planets::id, 3).await?;
    Ok(())
}

fn main() {}
