//! `select!`.

use supabase_core::prelude::*;
use supabase_core::types::{Decimal, JsonValue};

use crate::schema::enums::Colour;
use crate::schema::{self as db, planets};
use crate::{client, parameters, read, select_list};

select!(struct Card: planets { id, title: name, moons { name, radius_km }, star { name } });

#[test]
fn a_named_row_takes_its_types_from_the_schema() {
    assert_eq!(
        select_list(planets::Table, Card::columns()),
        "id,title:name,moons!moons_planet_id_fkey(name,radius_km),star:planets_star_id_fkey(name)"
    );
    let card = read(
        Card::columns(),
        r#"{"id":3,"title":"Earth","moons":[{"name":"Luna","radius_km":1737.4}],"star":{"name":"Sun"}}"#,
    );
    let (id, title): (i64, &String) = (card.id, &card.title);
    assert_eq!((id, title.as_str()), (3, "Earth"));
    let moons: &Vec<CardMoons> = &card.moons;
    assert_eq!((moons[0].name.as_str(), moons[0].radius_km), ("Luna", Some(1737.4)));
    let star: Option<CardStar> = card.star;
    assert_eq!(star.unwrap().name, "Sun");
}

#[test]
fn an_unnamed_row_is_an_expression() {
    let columns = select!(planets { id, moons(count), n: moons(count) });
    assert_eq!(
        select_list(planets::Table, columns),
        "id,moons!moons_planet_id_fkey(count),n:moons_planet_id_fkey(count)"
    );
    let row = read(columns, r#"{"id":3,"moons":[{"count":1}],"n":[{"count":2}]}"#);
    let (moons, n): (i64, i64) = (row.moons, row.n);
    assert_eq!((row.id, moons, n), (3, 1, 2));
}

select! {
    /// What a column can be made into.
    #[derive(Debug, Clone, PartialEq)]
    pub(crate) struct Facts: db::planets {
        mass as text,
        weight: mass as float8,
        name as varchar,
        facts -> "day_h",
        facts ->> "colour",
        rings: facts -> "rings" -> -1 ->> 0,
        year: facts ->> "year" as int4,
        type,
    }
}

#[test]
fn columns_are_cast_and_reached_into() {
    assert_eq!(
        select_list(planets::Table, Facts::columns()),
        "mass::text,weight:mass::float8,name::varchar,facts->day_h,facts->>colour,rings:facts->rings->-1->>0,year:facts->>year::int4,type"
    );
    let facts = read(
        Facts::columns(),
        r#"{"mass":"5.97","weight":5.97,"name":"Earth","day_h":24,"colour":"blue","rings":null,"year":4,"type":null}"#,
    );
    let expected = Facts {
        mass: Some("5.97".to_owned()),
        weight: Some(5.97),
        name: "Earth".to_owned(),
        day_h: Some(JsonValue::from(24)),
        colour: Some("blue".to_owned()),
        rings: None,
        year: Some(4),
        r#type: None,
    };
    assert_eq!(facts, expected);
}

#[test]
fn aggregates_have_the_types_of_postgresql() {
    let columns = select!(planets {
        radius_km.avg(),
        total: id.sum(),
        heaviest: mass.max(),
        least: name.min(),
        named: name.count(),
        count(),
        rows: count(),
        year: facts ->> "year" as int4.sum(),
        text: id.max() as text,
    });
    assert_eq!(
        select_list(planets::Table, columns),
        "radius_km.avg(),total:id.sum(),heaviest:mass.max(),least:name.min(),named:name.count(),count(),rows:count(),year:facts->>year::int4.sum(),text:id.max()::text"
    );
    let row = read(
        columns,
        r#"{"avg":1.5,"total":6,"heaviest":2.5,"least":null,"named":3,"count":3,"rows":3,"year":7,"text":"9"}"#,
    );
    let (avg, total, heaviest): (Option<f64>, Option<Decimal>, Option<Decimal>) = (row.avg, row.total, row.heaviest);
    assert_eq!((avg, total, heaviest), (Some(1.5), Some(Decimal::from(6)), Some(Decimal::new(25, 1))));
    let (least, named, count, year): (Option<String>, i64, i64, Option<i64>) =
        (row.least, row.named, row.count, row.year);
    assert_eq!((least, named, count, row.rows, year), (None, 3, 3, 3, Some(7)));
    assert_eq!(row.text.as_deref(), Some("9"));
}

select!(pub(crate) struct MoonCard: db::moons { id, planet { name } });
select!(struct Compared: planets {
    moons { ..MoonCard },
    big: moons! { name },
    near: star! { name },
});

#[test]
fn relations_are_composed_renamed_and_made_inner() {
    assert_eq!(
        select_list(planets::Table, Compared::columns()),
        "moons!moons_planet_id_fkey(id,planet:moons_planet_id_fkey(name)),\
         big:moons_planet_id_fkey!inner(name),near:planets_star_id_fkey!inner(name)"
    );
    let row =
        read(Compared::columns(), r#"{"moons":[{"id":1,"planet":{"name":"Earth"}}],"big":[],"near":{"name":"Sun"}}"#);
    let moons: &[MoonCard] = &row.moons;
    assert_eq!((moons[0].id, moons[0].planet.name.as_str()), (1, "Earth"));
    assert!(row.big.is_empty());
    let near: String = row.near.name;
    assert_eq!(near, "Sun");
}

#[test]
fn an_embedded_relation_is_shaped_by_its_name_or_its_alias() {
    let request = client()
        .from(planets::Table)
        .select(Compared::columns())
        .within(planets::rel::moons, |moons| moons.within(db::moons::rel::planet, |planet| planet.eq(planets::id, 3)))
        .within(Compared::big, |moons| moons.gt(db::moons::radius_km, 1000.0).limit(3))
        .to_request()
        .unwrap();
    assert_eq!(parameters(&request)[1..], ["moons.planet.id=eq.3", "big.radius_km=gt.1000", "big.limit=3"]);
    let counted = client()
        .from(planets::Table)
        .select(select!(planets { moons(count) }))
        .within(planets::rel::moons, |moons| moons.eq(db::moons::name, "Luna"))
        .to_request()
        .unwrap();
    assert_eq!(parameters(&counted)[1..], ["moons.name=eq.Luna"]);
}

#[test]
fn a_spread_lands_in_the_row_around_it() {
    // One row always, one row or none, rows inside rows, and many rows.
    let columns =
        select!(db::moons { name, ...planet { planet_name: name, mass, ...star { star_name: name, colour } } });
    assert_eq!(
        select_list(db::moons::Table, columns),
        "name,...planets!moons_planet_id_fkey(planet_name:name,mass,...stars!planets_star_id_fkey(star_name:name,colour))"
    );
    let row = read(columns, r#"{"name":"Luna","planet_name":"Earth","mass":null,"star_name":null,"colour":"red"}"#);
    let (planet, mass): (&String, Option<Decimal>) = (&row.planet_name, row.mass);
    assert_eq!((planet.as_str(), mass), ("Earth", None));
    let (star, colour): (Option<String>, Option<Colour>) = (row.star_name, row.colour);
    assert_eq!((star, colour), (None, Some(Colour::Red)));

    let columns = select!(planets { ...moons { moon_names: name, radii: radius_km } });
    let row = read(columns, r#"{"moon_names":["Phobos","Deimos"],"radii":[11.1,null]}"#);
    let (names, radii): (Vec<String>, Vec<Option<f64>>) = (row.moon_names, row.radii);
    assert_eq!((names.len(), radii), (2, vec![Some(11.1), None]));
}

#[test]
fn paths_resolve_where_they_are_written() {
    // `suns` exists only in this block, and so do the rows.
    use crate::schema::stars as suns;
    select!(struct Sun: suns { name, planets { name, moons { name } } });
    assert_eq!(
        select_list(suns::Table, Sun::columns()),
        "name,planets!planets_star_id_fkey(name,moons!moons_planet_id_fkey(name))"
    );
    let inner = {
        use crate::schema::moons as worlds;
        select!(worlds { name, planet { id } })
    };
    assert_eq!(select_list(db::moons::Table, inner), "name,planet:moons_planet_id_fkey(id)");
}

mod elsewhere {
    /// Attributes reach the nested rows, and fields can have their own.
    pub(crate) mod rows {
        use supabase_core::select;
        select! {
            #[derive(Debug, serde::Serialize)]
            #[serde(rename_all = "UPPERCASE")]
            pub(crate) struct Exported: crate::schema::planets {
                id,
                /// What it is called.
                #[serde(rename = "TITLE")]
                name,
                star { name },
            }
        }
    }
}

#[test]
fn rows_carry_the_attributes_that_were_written() {
    let row = read(elsewhere::rows::Exported::columns(), r#"{"id":3,"name":"Earth","star":{"name":"Sun"}}"#);
    assert_eq!(serde_json::to_string(&row).unwrap(), r#"{"ID":3,"TITLE":"Earth","STAR":{"NAME":"Sun"}}"#);
}

#[test]
fn a_row_called_row_can_be_embedded_in_a_row_without_a_name() {
    select!(struct Row: db::moons { id });
    let columns = select!(planets { moons { ..Row } });
    assert_eq!(select_list(planets::Table, columns), "moons!moons_planet_id_fkey(id)");
    assert_eq!(select_list(db::moons::Table, Row::columns()), "id");
}
