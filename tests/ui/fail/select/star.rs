//! `*` has no fields.

use db::planets;
use supabase_core::prelude::*;

select!(struct Card: planets { * });

fn main() {}
