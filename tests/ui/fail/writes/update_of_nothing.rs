//! An update sets something.

use supabase_core::prelude::*;
use supabase_tests::db::instruments;

async fn query(supabase: Client) -> supabase_core::Result<()> {
    supabase.from(instruments::Table).update(update!(instruments {})).eq(instruments::id, 1).await?;
    Ok(())
}

fn main() {}
