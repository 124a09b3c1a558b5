//! `#[derive(Value)]`.

use supabase_core::prelude::*;

use crate::schema::enums::Colour;
use crate::schema::{functions, planets, stars};
use crate::{client, read};

#[derive(Value, Debug, Clone, Copy, PartialEq)]
struct StarId(i64);

#[derive(Value, Debug, Clone, PartialEq)]
struct Name<T> {
    text: T,
}

#[derive(Value, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
#[value(json)]
struct Facts {
    day_h: f64,
}

#[derive(Value, Debug, PartialEq)]
enum Kind {
    Rocky,
    GasGiant,
    #[value(rename = "ice giant")]
    Ice,
}

#[derive(Value, Debug, PartialEq)]
#[value(of = Colour)]
enum MyColour {
    Red,
    #[value(rename = "pale blue")]
    PaleBlue,
}

#[test]
fn values_stand_in_filters_lists_inserts_and_arguments() {
    assert_eq!(planets::star_id.in_([StarId(1), StarId(2)]).to_string(), "star_id.in.(1,2)");
    assert_eq!(planets::name.eq(Name { text: "Earth" }).to_string(), r#"name.eq."Earth""#);
    assert_eq!(planets::r#type.eq(Kind::GasGiant).to_string(), r#"type.eq."gas_giant""#);
    assert_eq!(stars::colour.eq(MyColour::PaleBlue).to_string(), r#"colour.eq."pale blue""#);
    let request = client()
        .from(planets::Table)
        .insert(insert!(planets {
            name: Name { text: String::from("Earth") },
            radius_km: 6371.0,
            star_id: Some(StarId(1)),
            facts: Facts { day_h: 24.5 },
            type: Kind::Ice,
            tags: [Name { text: "wet" }],
        }))
        .to_request()
        .unwrap();
    assert_eq!(
        request.body.unwrap(),
        r#"{"name":"Earth","radius_km":6371,"star_id":1,"facts":{"day_h":24.5},"type":"ice giant","tags":["wet"]}"#
    );
    let call = client().rpc(call!(functions::count_moons { planet: StarId(3) }));
    assert_eq!(call.to_request().unwrap().body.unwrap(), r#"{"planet":3}"#);
}

#[derive(Row)]
#[row(planets)]
struct Planet {
    id: StarId,
    star_id: Option<StarId>,
    name: Name<String>,
    facts: Option<Facts>,
    r#type: Option<Kind>,
}

#[derive(Row)]
#[row(stars)]
struct Star {
    colour: Option<MyColour>,
}

#[test]
fn values_are_fields_of_derived_rows() {
    let planet =
        read(Planet::columns(), r#"{"id":3,"star_id":null,"name":"Earth","facts":{"day_h":24},"type":"rocky"}"#);
    assert_eq!((planet.id, planet.star_id, planet.name.text.as_str()), (StarId(3), None, "Earth"));
    assert_eq!((planet.facts, planet.r#type), (Some(Facts { day_h: 24.0 }), Some(Kind::Rocky)));
    assert_eq!(read(Star::columns(), r#"{"colour":"red"}"#).colour, Some(MyColour::Red));
}

#[test]
fn an_unknown_label_says_which() {
    let error = supabase_core::decode::decode_value::<Kind>(br#""liquid""#).unwrap_err();
    assert_eq!(error.to_string(), "`liquid` is no label of `Kind`: give it a variant");
}
