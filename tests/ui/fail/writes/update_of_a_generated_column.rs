//! The database alone sets a generated column.

use db::planets;
use supabase_core::prelude::*;

async fn query(supabase: Client) -> supabase_core::Result<()> {
    supabase.from(planets::Table).update(update!(planets { diameter_km: 1.0 })).eq(planets::id, 1).await?;
    Ok(())
}

fn main() {}
