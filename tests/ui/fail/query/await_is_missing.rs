//! Nothing is sent before the query is awaited.

#![deny(unused_must_use)]

use db::planets;
use supabase_core::prelude::*;

async fn query(supabase: Client) -> supabase_core::Result<()> {
    supabase.from(planets::Table).delete().eq(planets::id, 3);
    Ok(())
}

fn main() {}
