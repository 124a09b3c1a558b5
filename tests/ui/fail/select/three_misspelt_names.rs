//! Every mistake is shown, each under its word.

use db::planets;
use supabase_core::prelude::*;

select!(struct Card: planets { nmae, moons { naem }, mons { name } });

fn main() {}
