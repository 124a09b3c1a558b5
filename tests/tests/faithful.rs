//! What a call says is what is sent: values, names and preferences that a server would take for
//! something else are said in another way, or refused by name before sending.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use chrono::TimeDelta;
use http::StatusCode;
use serde_json::json;
use supabase_core::database::Sort;
use supabase_core::prelude::*;
use supabase_core::query::Request;
use supabase_core::transport::{Recording, Reply};
use supabase_core::{Client, ErrorKind};
use supabase_tests::recorded::{functions, gadgets, loose, messages, moons, planets, specimens, teams};
use supabase_tests::stack::{RECORDED, service};

/// A call of a function that was named by text.
type Untold<R> = supabase_core::database::Call<supabase_core::database::Untold<R>>;

const URL: &str = "https://example.supabase.co";

fn supabase() -> Client {
    Client::new(URL, "key").unwrap()
}

fn query(request: supabase_core::Result<Request>) -> String {
    let target = request.unwrap().target;
    target.split_once('?').map_or_else(String::new, |(_, query)| query.to_owned())
}

#[track_caller]
fn refused(request: supabase_core::Result<Request>, words: &[&str]) {
    let error = request.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Refused, "{error}");
    for words in words {
        assert!(error.to_string().contains(words), "{error}");
    }
}

// ---- embeds ----------------------------------------------------------------------------------------

select!(struct Numbered: planets { id, n: moons(count), moons { id } });
select!(struct Fans: teams { fans: users { name }, users { name } });
select!(struct Letter: messages { sender { name } });

#[test]
fn only_an_embed_under_its_tables_name_names_the_table() {
    let numbered = supabase().from(planets::Table).select(Numbered::columns());
    assert_eq!(query(numbered.to_request()), "select=id,n:moons_planet_id_fkey(count),moons!moons_planet_id_fkey(id)");
    let letter = supabase().from(messages::Table).select(Letter::columns());
    assert_eq!(query(letter.to_request()), "select=sender:messages_sender_fkey(name)");
    let unnamed = supabase().from(messages::Table).select(select!(messages { receiver { name }, sender { name } }));
    assert_eq!(
        query(unnamed.to_request()),
        "select=receiver:messages_receiver_fkey(name),sender:messages_sender_fkey(name)"
    );
}

#[test]
fn a_shape_that_could_land_on_another_embed_is_refused() {
    let teams = || supabase().from(teams::Table).select(Fans::columns());
    // A junction has no name without its table's.
    let shaped = teams().within(teams::rel::users, |users| users.limit(1));
    refused(shaped.to_request(), &["`within`", "`users`", "alias"]);
    let shaped = teams().within(Fans::fans, |users| users.limit(1));
    assert_eq!(query(shaped.to_request()), "select=fans:users!members(name),users!members(name)&fans.limit=1");
}

#[tokio::test]
async fn a_shape_lands_on_the_embed_it_names() {
    let supabase = service(RECORDED.get().await.unwrap()).unwrap();
    let rows: Vec<Numbered> = supabase
        .from(planets::Table)
        .select(Numbered::columns())
        .within(planets::rel::moons, |moons| moons.order(moons::id).limit(1))
        .await
        .unwrap();
    assert!(rows.iter().any(|row| row.n > 1), "the count is of every moon");
    assert!(rows.iter().all(|row| row.moons.len() == usize::from(row.n > 0)), "the list has one");
}

// ---- preferences -----------------------------------------------------------------------------------

#[tokio::test]
async fn preferences_of_ones_own_are_added_to_those_of_the_query() {
    let recording = Recording::new([Reply::empty(StatusCode::NO_CONTENT)]);
    let supabase =
        Client::builder(URL, "key").transport(recording.clone()).header("Prefer", "timezone=UTC").build().unwrap();
    supabase.from(planets::Table).delete().gt(planets::id, 0).max_affected(1).await.unwrap();
    let upsert = || supabase.from(planets::Table).upsert(insert!(planets { id: 4, name: "Mars" }));
    upsert().header("prefer", "handling=lenient,timezone=Europe/Berlin").await.unwrap();
    supabase.from(planets::Table).update(update!(planets { name: "Mars" })).eq(planets::id, 4).await.unwrap();
    let _ = supabase.from(planets::Table).select(planets::id).header("Prefer", "timezone=Asia/Tokyo").await;
    let _ = supabase.from(planets::Table).select(planets::id).await;
    // What no more than repeats the server's habit gives way.
    let insert = || supabase.from(planets::Table).insert(insert!(planets { id: 4, name: "Mars" }));
    insert().header("Prefer", "return=headers-only").await.unwrap();
    upsert().header("Prefer", "return=headers-only").await.unwrap();
    let _ = insert().select(planets::id).header("Prefer", "return=headers-only").await;
    let sent = recording.sent();
    let preferences: Vec<_> = sent.iter().map(|request| request.headers["prefer"].to_str().unwrap()).collect();
    assert_eq!(
        preferences,
        [
            "return=minimal,handling=strict,max-affected=1,timezone=UTC",
            "return=minimal,resolution=merge-duplicates,handling=lenient,timezone=Europe/Berlin,timezone=UTC",
            "return=minimal,timezone=UTC",
            "timezone=Asia/Tokyo,timezone=UTC",
            "timezone=UTC",
            "return=headers-only,timezone=UTC",
            "resolution=merge-duplicates,return=headers-only,timezone=UTC",
            "return=representation,return=headers-only,timezone=UTC",
        ]
    );
}

#[tokio::test]
async fn the_server_takes_the_querys_preferences_first() {
    let database = RECORDED.get().await.unwrap().database().await.unwrap();
    let supabase = Client::builder(database.url(), database.service_key())
        .header("Prefer", "return=minimal,resolution=ignore-duplicates,timezone=Asia/Tokyo")
        .build()
        .unwrap();
    let gadget = || insert!(gadgets { id: 4711, label: "first" });
    let written: Vec<i32> = supabase.from(gadgets::Table).insert(gadget()).select(gadgets::id).await.unwrap();
    assert_eq!(written, [4711]);
    let again = insert!(gadgets { id: 4711, label: "second" });
    supabase.from(gadgets::Table).upsert(again).await.unwrap();
    let label = supabase.from(gadgets::Table).select(gadgets::label).eq(gadgets::id, 4711).single().await.unwrap();
    assert_eq!(label.as_deref(), Some("second"));
}

// ---- writes ----------------------------------------------------------------------------------------

#[test]
fn an_upsert_never_overwrites_what_a_row_leaves_out() {
    let supabase = supabase();
    let rows = || [insert!(gadgets { id: 1, label: "x" }), insert!(gadgets { id: 50, level: 9 })];
    let upsert = || supabase.from(gadgets::Table).upsert_many(rows());
    refused(upsert().to_request(), &["`gadgets`", "`label`", "`level`", "default_missing"]);
    refused(upsert().select(gadgets::id).to_request(), &["`level`"]);
    let shorter = [insert!(gadgets { id: 1, label: "x" }), insert!(gadgets { id: 50 })];
    refused(supabase.from(gadgets::Table).upsert_many(shorter).to_request(), &["`label`"]);

    let preference = |request: supabase_core::Result<Request>| request.unwrap().headers["prefer"].clone();
    let said = "return=minimal,resolution=merge-duplicates,missing=default";
    assert_eq!(preference(upsert().default_missing().to_request()), said);
    let ignoring = "return=minimal,resolution=ignore-duplicates,missing=default";
    assert_eq!(preference(upsert().ignore_duplicates().to_request()), ignoring);
    let even = [insert!(gadgets { id: 1, label: "x" }), insert!(gadgets { label: "y", id: 50 })];
    let even = supabase.from(gadgets::Table).upsert_many(even).to_request();
    assert_eq!(preference(even), "return=minimal,resolution=merge-duplicates");
    let inserted = supabase.from(gadgets::Table).insert_many(rows()).to_request();
    assert_eq!(preference(inserted), "return=minimal,missing=default");
}

#[test]
fn an_untyped_upsert_never_overwrites_what_a_row_leaves_out() {
    let supabase = supabase();
    let rows = || [json!({"id": 1, "label": "x"}), json!({"id": 50, "level": 9})];
    let upsert = || supabase.from("gadgets").upsert_many(rows());
    refused(upsert().to_request(), &["`gadgets`", "`label`", "`level`", "default_missing"]);
    assert!(upsert().default_missing().to_request().is_ok());
    assert!(upsert().ignore_duplicates().to_request().is_ok());
    let even = [json!({"id": 1, "label": "x"}), json!({"label": null, "id": 50})];
    assert!(supabase.from("gadgets").upsert_many(even).to_request().is_ok());
    assert!(supabase.from("gadgets").insert_many(rows()).to_request().is_ok());
}

#[tokio::test]
async fn what_an_upsert_would_have_overwritten_is_still_there() {
    let database = RECORDED.get().await.unwrap().database().await.unwrap();
    let supabase = service(&database).unwrap();
    supabase.from(gadgets::Table).insert(insert!(gadgets { id: 4711, level: 1 })).await.unwrap();
    let rows = [insert!(gadgets { id: 4711, label: "x" }), insert!(gadgets { id: 4712, level: 9 })];
    let level = || supabase.from(gadgets::Table).select(gadgets::level).eq(gadgets::id, 4711).single();
    supabase.from(gadgets::Table).upsert_many(rows.clone()).await.unwrap_err();
    assert_eq!(level().await.unwrap(), 1);
    supabase.from(gadgets::Table).upsert_many(rows.clone()).ignore_duplicates().await.unwrap();
    assert_eq!(level().await.unwrap(), 1);
    // What is refused without the word for it.
    supabase.from(gadgets::Table).upsert_many(rows).default_missing().await.unwrap();
    assert_eq!(level().await.unwrap(), 3);
}

#[test]
fn an_upsert_without_a_key_asks_for_one() {
    let supabase = supabase();
    let row = || insert!(loose { label: "x" });
    refused(supabase.from(loose::Table).upsert_many([row()]).to_request(), &["`loose`", "on_conflict"]);
    refused(supabase.from(loose::Table).upsert(row()).to_request(), &["`loose`", "on_conflict"]);
}

#[tokio::test]
async fn an_interval_keeps_its_sign() {
    let filtered = |interval| {
        query(supabase().from(specimens::Table).select(specimens::id).eq(specimens::c_interval, interval).to_request())
    };
    assert_eq!(filtered(TimeDelta::seconds(-90)), "select=id&c_interval=eq.PT-90S");
    assert_eq!(filtered(TimeDelta::milliseconds(-500)), "select=id&c_interval=eq.PT-0.500000000S");
    assert_eq!(filtered(TimeDelta::milliseconds(1_250)), "select=id&c_interval=eq.PT1.250000000S");
    let database = RECORDED.get().await.unwrap().database().await.unwrap();
    let supabase = service(&database).unwrap();
    let intervals = [TimeDelta::seconds(-90), TimeDelta::milliseconds(-500), TimeDelta::milliseconds(-61_001)];
    for (id, interval) in (4711..).zip(intervals) {
        supabase.from(specimens::Table).insert(insert!(specimens { id: id, c_interval: interval })).await.unwrap();
        let found = supabase.from(specimens::Table).select(specimens::id).eq(specimens::c_interval, interval);
        assert_eq!(found.await.unwrap(), [id], "{interval}");
    }
}

// ---- names -----------------------------------------------------------------------------------------

#[test]
fn a_nul_in_a_name_is_refused_wherever_it_stands() {
    let supabase = supabase();
    let typed = || supabase.from(planets::Table).select(planets::id);
    let untyped = || supabase.from("planets").select::<serde_json::Value>("id");
    for request in [
        typed().eq(planets::facts.json_text("k\0zz"), "v").to_request(),
        typed().filter(any([planets::facts.json_text("k\0zz").eq("v")])).to_request(),
        typed().order(planets::facts.json_text("k\0zz").asc()).to_request(),
        untyped().eq("b\0zz", 1).to_request(),
        untyped().eq("b\0zz.id", 1).to_request(),
        untyped().filter_by(supabase_core::database::column("b\0zz").eq(1)).to_request(),
        untyped().or_within("b\0zz", "id.eq.1").to_request(),
        untyped().order(Sort::desc("b\0zz")).to_request(),
        supabase.from("planets").delete().eq("b\0zz", 1).to_request(),
        supabase.from("planets").upsert(&json!({"id": 1})).on_conflict("b\0zz").to_request(),
        supabase.from("planets").insert_many([json!({"b\0zz": 1})]).to_request(),
    ] {
        refused(request, &["NUL"]);
    }
    // A user's own `%00` is text.
    assert_eq!(query(untyped().eq("name", "%00").to_request()), "select=id&name=eq.%2500");
}

#[test]
fn names_that_the_server_would_cut_are_quoted() {
    let deleted = |column: &str| query(supabase().from("t").delete().eq(column, 1).to_request());
    assert_eq!(deleted("b²"), "%22b%C2%B2%22=eq.1");
    assert_eq!(deleted("a - b"), "%22a%20-%20b%22=eq.1");
    assert_eq!(deleted("a--b"), "%22a--b%22=eq.1");
    let sorted = supabase().from("t").select::<serde_json::Value>("id").order("b²");
    assert_eq!(query(sorted.to_request()), "select=id&order=%22b%C2%B2%22.asc");
}

#[test]
fn filters_behind_an_early_parenthesis_are_refused() {
    let delete = || supabase().from("posts").delete();
    let title = "x)";
    for request in [
        delete().and(&format!("title.eq.{title},owner.eq.7")).to_request(),
        delete().or("id.eq.1),id.eq.2").to_request(),
        delete().not_or("id.gt.0),name.eq.Ada").to_request(),
        delete().not("id", "in", "(1),2)").to_request(),
        delete().filter("id", "in", "(1)2").to_request(),
        delete().eq("id", 1).or_within("tags", "id.eq.1),id.eq.2").to_request(),
    ] {
        refused(request, &["parenthesis", "quotes"]);
    }
    assert_eq!(query(delete().and("title.eq.\"x)\",owner.eq.7").to_request()), "and=(title.eq.%22x)%22,owner.eq.7)");
    assert_eq!(query(delete().filter("id", "in", "(1,2)").to_request()), "id=in.(1,2)");
}

// ---- calls -----------------------------------------------------------------------------------------

#[tokio::test]
async fn a_document_is_the_same_document_by_get() {
    let supabase = service(RECORDED.get().await.unwrap()).unwrap();
    let document = json!({"k": [1, null], "t": "x"});
    let typed = supabase.rpc(functions::echo_jsonb { data: document.clone() }).get();
    assert_eq!(typed.to_request().unwrap().method, "POST");
    assert_eq!(typed.await.unwrap(), document);
    for document in [json!({"k": 1}), json!([])] {
        let untyped: Untold<serde_json::Value> = supabase.rpc(("echo_jsonb", json!({"data": document})));
        assert_eq!(untyped.clone().get().to_request().unwrap().method, "POST");
        assert_eq!(untyped.get().await.unwrap(), document);
    }
    let numbers: Untold<i64> = supabase.rpc(("sum_of", json!({"numbers": [1, 2]})));
    let numbers = numbers.get();
    assert_eq!(numbers.to_request().unwrap().method, "GET");
    assert_eq!(numbers.await.unwrap(), 3);
}

select!(struct Cratered: moons { id, craters { id } });

#[tokio::test]
async fn the_last_select_list_of_a_call_is_the_one() {
    let supabase = service(RECORDED.get().await.unwrap()).unwrap();
    let call = supabase
        .rpc(functions::moon_list { of_planet: 3 })
        .gt(moons::id, 0)
        .having(moons::rel::planet, |planet| planet.eq(planets::name, "Earth"))
        .select(Cratered::columns())
        .lt(moons::id, 9000)
        .get();
    assert_eq!(
        query(call.to_request()),
        "id=gt.0&select=id,craters!craters_moon_id_fkey(id),having_1:moons_planet_id_fkey!inner()&of_planet=3\
         &having_1.name=eq.Earth&id=lt.9000"
    );
    assert!(!call.await.unwrap().is_empty());
    let untyped: Untold<serde_json::Value> = supabase.rpc(("f", json!({})));
    assert_eq!(query(untyped.select("a").select("b,c").to_request()), "select=b,c");
}

#[test]
fn a_call_by_get_may_ask_for_the_head_alone() {
    let head = supabase().rpc(functions::moon_list { of_planet: 3 }).get().head().to_request().unwrap();
    assert_eq!((head.method.as_str(), head.target.as_str()), ("HEAD", "/rpc/moon_list?of_planet=3"));
    assert!(head.body.is_none());
}

#[tokio::test]
async fn a_limit_without_end_is_none() {
    let select = || supabase().from(planets::Table).select(planets::id);
    assert_eq!(query(select().range(100, u64::MAX).to_request()), "select=id&offset=100");
    assert_eq!(query(select().limit(u64::MAX).to_request()), "select=id");
    assert_eq!(query(select().limit(i64::MAX as u64).to_request()), "select=id&limit=9223372036854775807");
    let numbered = supabase().from(planets::Table).select(Numbered::columns());
    let shaped = numbered.within(planets::rel::moons, |moons| moons.range(2, u64::MAX));
    assert!(query(shaped.to_request()).ends_with("&moons.offset=2"));
    let supabase = service(RECORDED.get().await.unwrap()).unwrap();
    let rest = supabase.from(planets::Table).select(planets::id).order(planets::id).range(1, u64::MAX);
    assert!(rest.await.unwrap().len() > 1);
    let moons = supabase.from("planets").select::<serde_json::Value>("id,moons(id)").range_within("moons", 0, u64::MAX);
    assert!(moons.await.unwrap().iter().any(|planet| planet["moons"].as_array().is_some_and(|moons| moons.len() > 1)));
}

// ---- the client ------------------------------------------------------------------------------------

#[tokio::test]
async fn what_could_not_be_sent_is_refused_when_the_client_is_built() {
    for url in ["https://user:hush@example.supabase.co", "https://user@example.supabase.co", "http://:hush@localhost"] {
        let error = Client::new(url, "key").unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config, "{error}");
        assert!(!error.to_string().contains("hush"), "{error}");
    }
    for key in ["", " ", "\t"] {
        assert_eq!(Client::new(URL, key).unwrap_err().kind(), ErrorKind::Config);
    }
}

#[tokio::test]
async fn an_empty_token_is_not_the_anonymous_role() {
    let recording = Recording::new([Reply::json(StatusCode::OK, "[]")]);
    let supabase = Client::builder(URL, "key").transport(recording.clone()).build().unwrap();
    let _: Vec<i32> = supabase.as_user("").from(planets::Table).select(planets::id).await.unwrap();
    let supabase = Client::builder(URL, "key")
        .transport(recording.clone())
        .access_token(|| async { Ok::<_, std::io::Error>(Some(String::from(" "))) })
        .build()
        .unwrap();
    let _ = supabase.from(planets::Table).select(planets::id).await;
    for request in recording.sent() {
        assert_eq!(request.headers["authorization"], "Bearer invalid");
    }
}
