//! The result has the type that the function declares.

use supabase_core::prelude::*;
use supabase_tests::db::functions;

async fn query(supabase: Client) -> supabase_core::Result<()> {
    let hello: i64 = supabase.rpc(functions::hello_world {}).await?;
    println!("{hello}");
    Ok(())
}

fn main() {}
