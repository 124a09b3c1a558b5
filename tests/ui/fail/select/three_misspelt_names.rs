//! Every mistake is shown, each under its word.

use supabase_core::prelude::*;
use supabase_tests::db::planets;

select!(struct Card: planets { nmae, moons { naem }, mons { name } });

fn main() {}
