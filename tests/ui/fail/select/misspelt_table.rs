//! A table that the schema does not have.

use supabase_core::prelude::*;

select!(struct Card: plantes { id, name });

fn main() {}
