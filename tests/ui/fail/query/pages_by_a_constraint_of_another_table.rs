//! Pages tell rows apart by a constraint of the table.

use db::{moons, planets};
use supabase_core::prelude::*;

async fn query(supabase: Client) -> supabase_core::Result<()> {
    let rows = supabase.from(planets::Table).select(All).pages(100).by(moons::unique::id).rows();
    drop(rows);
    Ok(())
}

fn main() {}
