//! A named row says which table it is of.

use supabase_core::prelude::*;

select!(struct Card { id, name });

fn main() {}
