//! A type of one’s own is a field where it says so.

use supabase_core::prelude::*;
use supabase_tests::db::planets;

struct PlanetId(i64);

#[derive(Row)]
#[row(planets)]
struct Mini {
    id: PlanetId,
}

fn main() {}
