//! The columns of a relation stand in braces, not in parentheses.

use supabase_core::prelude::*;
use supabase_tests::db::planets;

select!(struct Card: planets { id, moons(name) });

fn main() {}
