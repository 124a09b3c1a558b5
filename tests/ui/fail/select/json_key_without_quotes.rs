//! A json key stands in quotes.

use supabase_core::prelude::*;
use supabase_tests::db::planets;

select!(struct Card: planets { facts ->> day_h });

fn main() {}
