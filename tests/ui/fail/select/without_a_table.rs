//! A named row says which table it is of.

use supabase_core::prelude::*;
use supabase_tests::db::planets;

use planets as _;

select!(struct Card { id, name });

fn main() {}
