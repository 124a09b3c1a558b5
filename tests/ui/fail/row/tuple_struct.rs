//! The fields of a row have names.

use supabase_core::prelude::*;

#[derive(Row)]
#[row(planets)]
struct Mini(i64, String);

fn main() {}
