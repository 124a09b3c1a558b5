//! The types of a row come from the schema.

use db::planets;
use supabase_core::prelude::*;

select!(struct Card<T>: planets { id });

fn main() {}
