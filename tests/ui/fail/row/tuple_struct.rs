//! The fields of a row have names.

use supabase_core::prelude::*;
use supabase_tests::db::planets;

use planets as _;

#[derive(Row)]
#[row(planets)]
struct Mini(i64, String);

fn main() {}
