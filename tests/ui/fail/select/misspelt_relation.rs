//! A relation that the table does not have.

use supabase_core::prelude::*;
use supabase_tests::db::planets;

select!(struct Card: planets { id, mons { name } });

fn main() {}
