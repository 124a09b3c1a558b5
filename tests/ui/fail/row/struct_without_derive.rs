//! A struct says which columns it selects.

use db::planets;
use supabase_core::prelude::*;

struct Mini {
    id: i64,
}

async fn query(supabase: Client) -> supabase_core::Result<()> {
    let minis: Vec<Mini> = supabase.from(planets::Table).select(Mini::columns()).await?;
    drop(minis);
    Ok(())
}

fn main() {}
