//! Items are separated by commas.

use supabase_core::prelude::*;
use supabase_tests::db::planets;

select!(struct Card: planets { id name });

fn main() {}
