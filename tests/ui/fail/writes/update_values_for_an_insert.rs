//! What `update!` makes is not checked for the required columns, so it is no new row.

use db::moons;
use supabase_core::Client;
use supabase_core::prelude::*;

fn main() {
    let supabase = Client::new("https://example.supabase.co", "key").unwrap();
    let _ = supabase.from(moons::Table).insert(update!(moons { name: "Nix" }));
}
