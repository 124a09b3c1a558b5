//! A table that the schema does not have.

use supabase_core::prelude::*;
use supabase_tests::db::planets;

use planets as _;

select!(struct Card: plantes { id, name });

fn main() {}
