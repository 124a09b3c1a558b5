//! A struct says which columns it selects.

use supabase_core::prelude::*;
use supabase_tests::db::planets;

struct Mini {
    id: i64,
}

async fn query(supabase: Client) -> supabase_core::Result<()> {
    let minis: Vec<Mini> = supabase.from(planets::Table).select(Mini::columns()).await?;
    drop(minis);
    Ok(())
}

fn main() {}
