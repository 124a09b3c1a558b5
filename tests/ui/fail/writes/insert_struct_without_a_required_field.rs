//! The generated struct asks for the same columns.

use supabase_core::prelude::*;
use supabase_tests::db::moons;

async fn query(supabase: Client) -> supabase_core::Result<()> {
    supabase.from(moons::Table).insert(moons::Insert { name: "Luna".to_owned(), ..Default::default() }).await?;
    Ok(())
}

fn main() {}
