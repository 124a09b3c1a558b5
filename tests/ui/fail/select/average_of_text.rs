//! Text has no average.

use db::planets;
use supabase_core::prelude::*;

select!(struct Card: planets { name.avg() });

fn main() {}
