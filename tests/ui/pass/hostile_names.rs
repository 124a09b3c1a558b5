//! What is in scope around a macro means nothing to what it expands to: types, traits, functions and
//! modules called like those of the standard library, by glob and by name.

#![allow(
    dead_code,
    unused_imports,
    unreachable_pub,
    non_camel_case_types,
    non_upper_case_globals,
    reason = "the point is that they are in scope"
)]

/// Names that generated code must not pick up.
mod hostile {
    pub struct Vec;
    pub struct Option;
    pub struct String;
    pub struct Box;
    pub struct Result;
    pub struct Row;
    pub struct Table;
    pub struct Column;
    pub struct Insert;
    pub struct bool;
    pub struct str;
    pub struct i64;
    pub enum Field {
        Value,
        Omit,
    }
    pub trait Clone {}
    pub trait Debug {}
    pub trait Into {}
    pub trait Decode {}
    pub trait Operand {}
    pub trait IntoIterator {}
    pub mod core {}
    pub mod std {}
    pub mod alloc {}
    pub mod schema {}
    pub mod query {}
    pub mod rel {}
    pub mod functions {}
    pub fn all() {}
    pub fn any() {}
    pub fn not() {}
    pub fn drop() {}
    pub const None: () = ();
}

mod by_glob {
    use super::hostile::*;
    use db::planets;

    supabase_core::select!(pub struct Card: planets { id, title: name, has_rings, moons { name }, star { name }, mass.avg(), day: facts ->> "day_h" });

    #[derive(supabase_core::Row)]
    #[row(planets)]
    pub struct Mini {
        pub id: ::core::primitive::i64,
        pub name: ::std::string::String,
        pub mass: ::core::option::Option<supabase_core::types::Decimal>,
    }

    #[derive(supabase_core::Value)]
    pub struct PlanetId(pub ::core::primitive::i64);
}

mod by_name {
    use super::hostile::{
        Box, Clone, Column, Debug, Decode, Insert, Into, IntoIterator, Operand, Option, Result, String, Table, Vec,
        all, alloc, any, bool, core, drop, i64, not, query, rel, schema, std, str,
    };
    use db::planets;

    supabase_core::select!(pub struct Card: planets { id, has_rings, moons { name } });

    pub fn condition() -> supabase_core::query::Condition<planets::Table> {
        supabase_core::filter!(planets: eq(id, 2) or not is_null(mass) and in(name, ["Mars", "Venus"]))
    }

    pub fn order() -> [supabase_core::query::Order<planets::Table>; 2] {
        supabase_core::order!(planets: name desc nulls last, id)
    }

    pub fn row() -> supabase_core::query::Values<planets::Table, supabase_core::query::NewRow> {
        supabase_core::insert!(planets { name: "Pluto", radius_km: 1188.3, star_id: None, mass: Omit })
    }

    pub fn change() -> supabase_core::query::Values<planets::Table> {
        supabase_core::update!(planets { name: "Pluto" })
    }
}

#[test]
fn the_macros_mean_what_they_say() -> supabase_core::Result<()> {
    use db::planets;
    let supabase = supabase_core::Client::new("http://localhost:1", "key")?;
    let request = supabase
        .from(planets::Table)
        .select(by_glob::Card::columns())
        .filter(by_name::condition())
        .order(by_name::order())
        .eq(planets::id, by_glob::PlanetId(3))
        .to_request()?;
    let text = request.target;
    assert!(text.contains("or=(id.eq.2,and("), "{text}");
    assert!(text.contains("order=name.desc.nullslast,id.asc"), "{text}");
    let request = supabase.from(planets::Table).select(by_glob::Mini::columns()).to_request()?;
    assert!(request.target.contains("select=id,name,mass"), "{}", request.target);
    Ok(())
}
