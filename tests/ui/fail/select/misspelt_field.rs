//! A field that was not selected.

use db::planets;
use supabase_core::prelude::*;

async fn query(supabase: Client) -> supabase_core::Result<()> {
    let rows = supabase.from(planets::Table).select(select!(planets { id, name })).await?;
    println!("{}", rows[0].nmae);
    Ok(())
}

fn main() {}
