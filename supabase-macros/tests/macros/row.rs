//! `#[derive(Row)]`.

use supabase_core::prelude::*;
use supabase_core::types::Decimal;

use crate::schema::planets;
use crate::{client, parameters, read, select_list};

#[derive(Row)]
#[row(planets)]
struct Mini {
    id: i64,
    #[row(column = name)]
    title: String,
    mass: Option<Decimal>,
    r#type: Option<String>,
    #[row(relation = moons)]
    moons: Vec<MiniMoon>,
    #[row(relation = moons, inner)]
    big: Vec<MiniMoon>,
    #[row(count = moons)]
    moon_count: i64,
    #[row(relation = star)]
    star: Option<MiniStar>,
}

#[derive(Row)]
#[row(crate::schema::moons)]
struct MiniMoon {
    name: String,
    #[row(relation = planet)]
    planet: MiniPlanet,
}

#[derive(Row)]
#[row(planets)]
struct MiniPlanet {
    id: i64,
}

#[derive(Row)]
#[row(crate::schema::stars)]
struct MiniStar {
    name: String,
}

#[test]
fn a_struct_of_ones_own_is_a_row() {
    assert_eq!(
        select_list(planets::Table, Mini::columns()),
        "id,name,mass,type,moons!moons_planet_id_fkey(name,planet:moons_planet_id_fkey(id)),\
         big:moons_planet_id_fkey!inner(name,planet:moons_planet_id_fkey(id)),\
         moon_count:moons_planet_id_fkey(count),star:planets_star_id_fkey(name)"
    );
    let mini = read(
        Mini::columns(),
        r#"{"id":3,"name":"Earth","mass":5.97,"type":null,"moons":[{"name":"Luna","planet":{"id":3}}],"big":[],
            "moon_count":[{"count":1}],"star":{"name":"Sun"}}"#,
    );
    assert_eq!((mini.id, mini.title.as_str(), mini.mass, mini.r#type), (3, "Earth", Some(Decimal::new(597, 2)), None));
    assert_eq!((mini.moons[0].name.as_str(), mini.moons[0].planet.id), ("Luna", 3));
    assert_eq!((mini.big.len(), mini.moon_count, mini.star.unwrap().name.as_str()), (0, 1, "Sun"));
}

#[test]
fn its_relations_are_shaped() {
    let request = client()
        .from(planets::Table)
        .select(Mini::columns())
        .within(planets::rel::moons, |moons| moons.limit(1))
        .within(Mini::big, |moons| moons.limit(2))
        .to_request()
        .unwrap();
    assert_eq!(parameters(&request)[1..], ["moons.limit=1", "big.limit=2"]);
}

#[test]
fn a_row_can_be_declared_inside_a_function() {
    use crate::schema::stars as suns;
    #[derive(Row)]
    #[row(suns)]
    struct Sun {
        id: i64,
        #[row(relation = planets)]
        planets: Vec<MiniPlanet>,
    }
    let sun = read(Sun::columns(), r#"{"id":1,"planets":[{"id":3}]}"#);
    assert_eq!((sun.id, sun.planets[0].id), (1, 3));
}
