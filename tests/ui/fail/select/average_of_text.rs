//! Text has no average.

use supabase_core::prelude::*;
use supabase_tests::db::planets;

select!(struct Card: planets { name.avg() });

fn main() {}
