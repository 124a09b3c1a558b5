//! A json key stands in quotes.

use db::planets;
use supabase_core::prelude::*;

select!(struct Card: planets { facts ->> day_h });

fn main() {}
