//! The columns of a relation stand in braces, not in parentheses.

use db::planets;
use supabase_core::prelude::*;

select!(struct Card: planets { id, moons(name) });

fn main() {}
