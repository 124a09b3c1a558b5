//! A type of one’s own is a field where it says so.

use db::planets;
use supabase_core::prelude::*;

struct PlanetId(i64);

#[derive(Row)]
#[row(planets)]
struct Mini {
    id: PlanetId,
}

fn main() {}
