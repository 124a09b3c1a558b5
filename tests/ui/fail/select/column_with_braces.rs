//! A column has no columns.

use db::planets;
use supabase_core::prelude::*;

select!(struct Card: planets { id, name { first } });

fn main() {}
