//! A range of a type of one’s own needs to be read from text.

use supabase_core::prelude::*;

use supabase_core::decode::Decode;

struct Volts(f64);

fn readable<T: Decode>() {}

fn check() {
    readable::<PgRange<Volts>>();
}

fn main() {}
