//! `insert!` names its columns.

use supabase_core::prelude::*;
use supabase_tests::db::planets;

async fn query(supabase: Client) -> supabase_core::Result<()> {
    supabase.from(planets::Table).insert(insert!(planets { name: "Pluto", ..rest })).await?;
    Ok(())
}

fn main() {}
