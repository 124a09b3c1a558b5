//! A column of an enum is compared with the generated enum.

use db::planets;
use supabase_core::prelude::*;

async fn query(supabase: Client) -> supabase_core::Result<()> {
    supabase.from(planets::Table).select(All).eq(planets::kind, "rocky").await?;
    Ok(())
}

fn main() {}
