//! A cast to a type that there is not.

use supabase_core::prelude::*;
use supabase_tests::db::planets;

select!(struct Card: planets { mass as txt });

fn main() {}
