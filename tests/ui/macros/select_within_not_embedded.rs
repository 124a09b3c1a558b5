//! Only what is selected can be shaped.

#[path = "../schema/mod.rs"]
mod schema;

use schema::{planets, stars};
use supabase_core::prelude::*;

select!(struct Card: planets { id, big: moons { name } });

fn main() {}

fn misuse(client: Client) {
    let _ = client.from(planets::Table).select(Card::columns()).within(planets::rel::moons, |moons| moons.limit(1));
    let _ = stars::Table;
}
