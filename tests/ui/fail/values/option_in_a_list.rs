//! Nothing equals NULL, in lists as well.

use db::planets;
use supabase_core::prelude::*;

async fn query(supabase: Client) -> supabase_core::Result<()> {
    supabase.from(planets::Table).select(All).in_(planets::id, [Some(1), None]).await?;
    Ok(())
}

fn main() {}
