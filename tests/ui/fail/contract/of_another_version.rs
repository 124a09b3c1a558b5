//! A schema of another generator says what to run.

supabase_core::contract!(99);

fn main() {}
