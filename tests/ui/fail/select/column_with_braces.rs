//! A column has no columns.

use supabase_core::prelude::*;
use supabase_tests::db::planets;

select!(struct Card: planets { id, name { first } });

fn main() {}
