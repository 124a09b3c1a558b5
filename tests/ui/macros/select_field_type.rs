//! A field has the type of its column.

#[path = "../schema/mod.rs"]
mod schema;

use schema::planets;
use supabase_core::prelude::*;

select!(struct Card: planets { id, moons { name }, n: moons(count) });

fn main() {}

fn misuse(card: Card) {
    let _: i32 = card.id;
    let _: i64 = card.moons[0].name;
    let _ = card.nam;
    let _: i32 = card.n;
}
