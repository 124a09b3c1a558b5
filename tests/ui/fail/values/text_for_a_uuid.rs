//! A uuid is a `Uuid`.

use db::users;
use supabase_core::prelude::*;

async fn query(supabase: Client) -> supabase_core::Result<()> {
    supabase.from(users::Table).select(All).eq(users::id, "11111111-1111-4111-8111-111111111111").await?;
    Ok(())
}

fn main() {}
