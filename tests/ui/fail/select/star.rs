//! `*` has no fields.

use supabase_core::prelude::*;
use supabase_tests::db::planets;

select!(struct Card: planets { * });

fn main() {}
