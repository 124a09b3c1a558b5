//! `.execute()` asks for a filter as well.

use db::countries;
use supabase_core::prelude::*;

async fn query(supabase: Client) -> supabase_core::Result<()> {
    let answer = supabase.from(countries::Table).delete().execute().await?;
    drop(answer);
    Ok(())
}

fn main() {}
