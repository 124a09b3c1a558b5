//! The field of a value is a value.

use supabase_core::prelude::*;

#[derive(Value)]
struct PlanetId(std::net::TcpStream);

fn main() {}
