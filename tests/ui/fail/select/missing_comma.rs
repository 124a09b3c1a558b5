//! Items are separated by commas.

use db::planets;
use supabase_core::prelude::*;

select!(struct Card: planets { id name });

fn main() {}
