//! The generated struct asks for the same columns.

use db::moons;
use supabase_core::prelude::*;

async fn query(supabase: Client) -> supabase_core::Result<()> {
    supabase.from(moons::Table).insert(moons::Insert { name: "Luna".to_owned(), ..Default::default() }).await?;
    Ok(())
}

fn main() {}
