//! `.execute()` asks for a filter as well.

use supabase_core::prelude::*;
use supabase_tests::db::countries;

async fn query(supabase: Client) -> supabase_core::Result<()> {
    let answer = supabase.from(countries::Table).delete().execute().await?;
    drop(answer);
    Ok(())
}

fn main() {}
