//! A column that the table does not have.

use db::planets;
use supabase_core::prelude::*;

select!(struct Card: planets { id, nmae });

fn main() {}
