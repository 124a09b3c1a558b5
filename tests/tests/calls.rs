//! Calls of functions by the generated structs, live: every form of argument and of result.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use supabase_core::prelude::*;
use supabase_core::types::{Decimal, JsonValue, Literal};
use supabase_core::{Client, ErrorKind};
use supabase_tests::recorded::{enums, functions, instruments, inventory, moons, planets, types};
use supabase_tests::stack::{RECORDED, service};

async fn supabase() -> Client {
    service(RECORDED.get().await.unwrap()).unwrap()
}

/// The method of a call.
macro_rules! method {
    ($call:expr) => {
        $call.to_request().unwrap().method.as_str().to_owned()
    };
}

#[tokio::test]
async fn arguments_of_every_form() {
    let supabase = supabase().await;
    // Named, with defaults left out by `Omit`, by `call!`, and given.
    assert_eq!(supabase.rpc(functions::add_them { a: 1, b: Omit }).await.unwrap(), 11);
    assert_eq!(supabase.rpc(functions::add_them { a: 1, b: 2 }).await.unwrap(), 3);
    assert_eq!(supabase.rpc(call!(functions::add_them { a: 5 })).await.unwrap(), 15);
    assert_eq!(supabase.rpc(functions::add_them { a: 1, b: Omit }).get().await.unwrap(), 11);
    // Overloads are types of their own.
    assert_eq!(supabase.rpc(functions::area { side: 3 }).await.unwrap(), "square of 9");
    assert_eq!(
        supabase.rpc(functions::area_with_width_height { width: 2, height: 3 }).await.unwrap(),
        "rectangle of 6"
    );
    // Arrays, an enum, a row, odd names, names that the server would take for modifiers.
    assert_eq!(supabase.rpc(functions::sum_of { numbers: [1, 2, 3] }).await.unwrap(), 6);
    assert_eq!(supabase.rpc(functions::sum_of { numbers: [1, 2, 3] }).get().await.unwrap(), 6);
    let kind = enums::PlanetKind::GasGiant;
    assert_eq!(supabase.rpc(functions::give_kind { k: kind.clone() }).get().await.unwrap(), kind);
    let odd = supabase.rpc(functions::Odd_Function { first_arg: "a b&c", select: 4 });
    assert_eq!(method!(odd.clone().get()), "POST", "`select` cannot be an argument in a URL");
    assert_eq!(odd.get().await.unwrap(), "a b&c/4");
    let mars = types::Planets {
        id: Some(4),
        name: Some("Mars".to_owned()),
        kind: Some(enums::PlanetKind::Rocky),
        star_id: None,
        mass: None,
        radius_km: None,
        gravity: None,
        has_rings: None,
        discovered_on: None,
        surveyed_at: None,
        tags: Some(vec!["a,b".to_owned()]),
        facts: None,
        temperature: None,
        nickname: None,
    };
    let moons = supabase.rpc(functions::moons_of { planet: mars });
    assert_eq!((moons.clone().await.unwrap(), moons.get().await.unwrap()), (2, 2));
    // NULL cannot be said in a URL.
    let nothing = supabase.rpc(functions::find_planets { fragment: None::<&str>, at_most: Omit }).get();
    assert_eq!(method!(nothing), "POST");
    assert!(nothing.await.unwrap().is_empty());
    let something = supabase.rpc(functions::find_planets { fragment: "a", at_most: 2 }).get();
    assert_eq!(method!(something), "GET");
    assert_eq!(something.await.unwrap().len(), 2);
    // Text that a URL would make a filter of.
    let filter = supabase.rpc(functions::find_planets { fragment: "eq.x", at_most: Omit }).get();
    assert_eq!(method!(filter), "POST");
    assert!(filter.await.unwrap().is_empty());
    // Variadic: a list, of any content, by `POST` in any case.
    let words = supabase.rpc(functions::join_words { words: ["a", "b,c", "{}", ""] });
    assert_eq!(method!(words.clone().get()), "POST");
    assert_eq!(words.get().await.unwrap(), "a|b,c|{}|");
    // The one argument that is the body: json, text and bytes.
    let body: JsonValue =
        supabase.rpc(functions::echo_body { body: serde_json::json!({"a": [1, "x"]}) }).await.unwrap();
    assert_eq!(body, serde_json::json!({"received": {"a": [1, "x"]}}));
    let shout = supabase.rpc(functions::shout { body: "a \"b\", ü\n" });
    assert_eq!(shout.to_request().unwrap().headers["content-type"], "text/plain");
    assert_eq!(shout.await.unwrap(), "A \"B\", Ü\n");
    let bytes = supabase.rpc(functions::byte_length { body: Bytea::from([0, 1, 255, b'\\']) });
    assert_eq!(bytes.to_request().unwrap().headers["content-type"], "application/octet-stream");
    assert_eq!(bytes.await.unwrap(), 4);
    // Every type at once: what comes back is what went there.
    let back: JsonValue = supabase
        .rpc(call!(functions::all_args {
            i: -1,
            big: i64::MAX,
            n: Decimal::new(150, 2),
            t: "a,\"b\"",
            a: ["x,y", "NULL"],
            r: Literal("[1,5)"),
            h: Bytea::from([1, 2])
        }))
        .await
        .unwrap();
    assert_eq!((&back["i"], &back["t"], &back["r"]), (&(-1).into(), &"a,\"b\"".into(), &"[1,5)".into()), "{back}");
    assert_eq!(back["a"], serde_json::json!(["x,y", "NULL"]));
}

#[tokio::test]
async fn results_of_every_form() {
    let supabase = supabase().await;
    // Values.
    assert_eq!(supabase.rpc(functions::hello_world {}).await.unwrap(), "Hello, world");
    assert_eq!(supabase.rpc(functions::give_bigint {}).await.unwrap(), i64::MAX);
    assert_eq!(supabase.rpc(functions::give_numeric {}).await.unwrap().to_string(), "12345678901234567890.1200");
    assert!(supabase.rpc(functions::give_bool {}).await.unwrap());
    assert_eq!(supabase.rpc(functions::give_bytes {}).await.unwrap(), Bytea::from([0, 255, 16]));
    assert_eq!(supabase.rpc(functions::give_moment {}).await.unwrap().to_rfc3339(), "2024-02-29T12:34:56.789+00:00");
    assert_eq!(supabase.rpc(functions::give_json {}).await.unwrap()["b"][2], "x");
    // Nothing.
    supabase.rpc(functions::do_nothing {}).await.unwrap();
    // A composite type, and a list of them, whose rows can be chosen from.
    let place = supabase.rpc(functions::give_coordinates {}).await.unwrap();
    assert_eq!((place.lat, place.label.as_deref()), (Some(Decimal::new(15, 1)), Some("base")));
    let places = supabase
        .rpc(functions::many_coordinates {})
        .is_not_null(functions::results::many_coordinates::label)
        .await
        .unwrap();
    assert_eq!(places.len(), 1);
    // OUT and INOUT arguments.
    let names = supabase.rpc(functions::split_name { full_name: "Ada Lovelace" }).await.unwrap();
    assert_eq!((names.first_name.as_deref(), names.last_name.as_deref()), (Some("Ada"), Some("Lovelace")));
    let swapped = supabase.rpc(functions::swap { x: 1, y: 2 }).await.unwrap();
    assert_eq!((swapped.x, swapped.y), (Some(2), Some(1)));
    // Values in a list.
    assert_eq!(supabase.rpc(functions::three_numbers {}).await.unwrap(), [3, 1, 2]);
    assert!(supabase.rpc(functions::no_numbers {}).await.unwrap().is_empty());
    // One row of a table, shaped; and a function that writes.
    let earth = supabase.rpc(functions::planet_by_name { wanted: "Earth" });
    assert_eq!(earth.clone().await.unwrap().id, 3);
    assert_eq!(earth.select((planets::id, planets::name)).await.unwrap(), (3, "Earth".to_owned()));
    let database = RECORDED.get().await.unwrap().database().await.unwrap();
    let writer = service(&database).unwrap();
    let harp = writer.rpc(functions::add_instrument { new_id: 900, new_name: "harp" }).await.unwrap();
    assert_eq!(harp.name, "harp");
    assert_eq!(
        writer.from(instruments::Table).select(instruments::id).eq(instruments::name, "harp").await.unwrap(),
        [900]
    );
    // Rows of a table: filters, order, limit, a relation, count, head, one row, csv, pages.
    let moons = || supabase.rpc(functions::moon_list { of_planet: 5 });
    let all = moons().await.unwrap();
    let shaped = moons()
        .select((moons::id, moons::name))
        .gt(moons::id, all[0].id)
        .order(moons::name.desc())
        .limit(2)
        .await
        .unwrap();
    assert!(shaped.len() == 2 && shaped[0].1 > shaped[1].1, "{shaped:?}");
    let counted = moons().limit(1).count(Count::Exact).execute().await.unwrap();
    assert_eq!((counted.data.len(), counted.count), (1, Some(all.len() as u64)));
    let head = moons().count(Count::Exact).head().execute().await.unwrap();
    assert_eq!(head.count, Some(all.len() as u64));
    assert_eq!(moons().eq(moons::id, all[0].id).single().await.unwrap().name, all[0].name);
    assert!(moons().eq(moons::id, -1).maybe_single().await.unwrap().is_none());
    assert!(moons().csv().await.unwrap().starts_with("id,"));
    assert!(moons().lacking(moons::rel::planet).await.unwrap().is_empty());
    let stripped = moons().strip_nulls().await.unwrap();
    assert!(stripped.iter().all(|row| row.as_object().unwrap().values().all(|value| !value.is_null())));
    // Another schema.
    assert!(supabase.rpc(inventory::functions::stock_total {}).await.unwrap() > 0);
    // What the function raises.
    let divided = supabase.rpc(functions::divide { a: 1, b: 0 }).await.unwrap_err();
    assert_eq!((divided.kind(), divided.code()), (ErrorKind::InvalidInput, Some("22012")));
}
