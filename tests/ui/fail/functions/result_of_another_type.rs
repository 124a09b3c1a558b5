//! The result has the type that the function declares.

use db::functions;
use supabase_core::prelude::*;

async fn query(supabase: Client) -> supabase_core::Result<()> {
    let hello: i64 = supabase.rpc(functions::hello_world {}).await?;
    println!("{hello}");
    Ok(())
}

fn main() {}
