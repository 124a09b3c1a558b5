//! The types of a row come from the schema.

use supabase_core::prelude::*;
use supabase_tests::db::planets;

select!(struct Card<T>: planets { id });

fn main() {}
