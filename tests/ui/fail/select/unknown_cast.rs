//! A cast to a type that there is not.

use db::planets;
use supabase_core::prelude::*;

select!(struct Card: planets { mass as txt });

fn main() {}
