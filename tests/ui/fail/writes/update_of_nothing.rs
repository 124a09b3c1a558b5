//! An update sets something.

use db::instruments;
use supabase_core::prelude::*;

async fn query(supabase: Client) -> supabase_core::Result<()> {
    supabase.from(instruments::Table).update(update!(instruments {})).eq(instruments::id, 1).await?;
    Ok(())
}

fn main() {}
