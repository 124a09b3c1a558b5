//! An attribute that there is not.

use supabase_core::prelude::*;

#[derive(Value)]
#[value(jsn)]
struct PlanetId(i64);

fn main() {}
