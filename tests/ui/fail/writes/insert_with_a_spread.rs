//! `insert!` names its columns.

use db::planets;
use supabase_core::prelude::*;

async fn query(supabase: Client) -> supabase_core::Result<()> {
    supabase.from(planets::Table).insert(insert!(planets { name: "Pluto", ..rest })).await?;
    Ok(())
}

fn main() {}
