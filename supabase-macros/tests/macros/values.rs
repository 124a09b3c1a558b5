//! `insert!` and `update!`.

use supabase_core::prelude::*;
use supabase_core::query::{NewRow, Values};

use crate::client;
use crate::schema::{self as db, planets};

fn inserted(values: Values<planets::Table, NewRow>) -> serde_json::Value {
    let request = client().from(planets::Table).insert(values).to_request().unwrap();
    serde_json::from_slice(&request.body.unwrap()).unwrap()
}

#[test]
fn an_insert_says_value_null_and_nothing() {
    let name = "Pluto";
    let radius_km = 1188.3;
    let heavy: Option<i64> = None;
    let light = Some("dwarf");
    let values =
        insert!(planets { name, radius_km, mass: None, id: Omit, star_id?: heavy, type?: light, tags: ["far"] });
    assert_eq!(
        inserted(values),
        serde_json::json!({"name": "Pluto", "radius_km": 1188.3, "mass": null, "type": "dwarf", "tags": ["far"]})
    );
    // The names that the expansion uses do not hide the user's.
    let values = vec!["a", "b"];
    let terms = String::from("Ceres");
    assert_eq!(
        inserted(insert!(db::planets { name: terms, radius_km: 469.7, tags: values, star_id: Some(1_i64) })),
        serde_json::json!({"name": "Ceres", "radius_km": 469.7, "tags": ["a", "b"], "star_id": 1})
    );
}

#[test]
fn an_update_needs_no_required_column() {
    let request = client()
        .from(planets::Table)
        .update(update!(planets { name: "Terra", mass: None }))
        .eq(planets::id, 3)
        .to_request()
        .unwrap();
    assert_eq!(request.body.unwrap(), r#"{"name":"Terra","mass":null}"#);
}
