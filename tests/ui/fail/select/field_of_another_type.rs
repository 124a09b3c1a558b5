//! A field has the type of its column.

use db::planets;
use supabase_core::prelude::*;

async fn query(supabase: Client) -> supabase_core::Result<()> {
    let rows = supabase.from(planets::Table).select(select!(planets { id, moons { name } })).await?;
    let name: i64 = rows[0].moons[0].name;
    println!("{name}");
    Ok(())
}

fn main() {}
