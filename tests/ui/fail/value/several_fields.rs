//! A value has one field.

use supabase_core::prelude::*;

#[derive(Value)]
struct Point(f64, f64);

fn main() {}
