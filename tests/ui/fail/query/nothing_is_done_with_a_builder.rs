//! A builder does nothing by itself, and says what it waits for.

#![deny(unused_must_use)]

use db::{functions, planets};
use supabase_core::prelude::*;

fn forget(supabase: &Client) {
    Client::builder("http://localhost:54321", "key");
    supabase.from(planets::Table);
    supabase.from(planets::Table).select(All);
    supabase.from(planets::Table).select(All).single();
    supabase.from(planets::Table).select(All).pages(100);
    supabase.from(planets::Table).select(All).pages(100).rows();
    supabase.from(planets::Table).insert(insert!(planets { name: "Pluto", radius_km: 1188.3 }));
    supabase.rpc(functions::hello_world {});
    insert!(planets { name: "Pluto", radius_km: 1188.3 });
    planets::id.eq(1);
    planets::id.desc();
}

fn forget_inside(supabase: &Client) -> impl Sized {
    supabase
        .from(planets::Table)
        .select(select!(planets { id, moons { name } }))
        .within(planets::rel::moons, |moons| {
            moons.limit(3);
            unreachable!()
        })
        .having(planets::rel::moons, |moons| {
            moons.gt(db::moons::radius_km, 1000.0);
            unreachable!()
        })
}

fn main() {}
