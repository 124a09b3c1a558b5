//! The client as an application meets it: without a runtime, over several, in a unit test, and when
//! it is set up wrong.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use http::StatusCode;
use supabase_core::prelude::*;
use supabase_core::query::Condition;
use supabase_core::transport::{Recording, Reply, RetryPolicy};
use supabase_core::{Client, ErrorKind};
use supabase_tests::db::{countries, moons, planets};
use supabase_tests::stack::{QUICKSTART, anon};

const URL: &str = "https://example.supabase.co";

fn recorded(replies: impl IntoIterator<Item = Reply>) -> (Client, Recording) {
    let recording = Recording::new(replies);
    let retry = RetryPolicy::default().sleep(std::sync::Arc::new(|_| Box::pin(async {})));
    (Client::builder(URL, "the-key").transport(recording.clone()).retry(retry).build().unwrap(), recording)
}

#[test]
fn one_client_serves_two_runtimes_in_turn() {
    let holder = tokio::runtime::Runtime::new().unwrap();
    let stack = holder.block_on(QUICKSTART.get()).unwrap();
    // Built where there is no runtime.
    let supabase = anon(stack).unwrap();
    for _ in 0..2 {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let names: Vec<String> = runtime
            .block_on(async { supabase.from(planets::Table).select(planets::name).eq(planets::id, 3).await })
            .unwrap();
        assert_eq!(names, ["Earth"]);
    }
}

#[tokio::test]
async fn an_application_tests_itself_against_the_recording() {
    // The function of an application that is to be tested.
    async fn rename(supabase: &Client, id: i64, name: &str) -> supabase_core::Result<()> {
        supabase.from(planets::Table).update(update!(planets { name: name })).eq(planets::id, id).await
    }
    let (supabase, recording) = recorded([Reply::empty(StatusCode::NO_CONTENT)]);
    rename(&supabase, 3, "Terra & \"Luna\"").await.unwrap();
    let sent = recording.sent();
    assert_eq!(sent.len(), 1);
    assert_eq!(sent[0].method, http::Method::PATCH);
    assert_eq!(sent[0].url, format!("{URL}/rest/v1/planets?id=eq.3"));
    assert_eq!(sent[0].body, r#"{"name":"Terra & \"Luna\""}"#);
    assert_eq!(sent[0].headers["prefer"], "return=minimal");
    assert_eq!(sent[0].headers["apikey"], "the-key");
    assert_eq!(sent[0].headers["authorization"], "Bearer the-key");
}

#[tokio::test]
async fn a_request_tells_the_trace_it_is_a_part_of_and_nothing_else_of_it() {
    let recording = Recording::new([Reply::json(StatusCode::OK, "[]")]);
    let supabase = Client::builder(URL, "the-key")
        .transport(recording.clone())
        .header("baggage", "the=caller's")
        .trace_propagation(|headers| {
            headers.insert("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01".parse().unwrap());
            headers.insert("baggage", "the=propagator's".parse().unwrap());
            headers.insert("authorization", "Bearer somebody else".parse().unwrap());
        })
        .build()
        .unwrap();
    let _: Vec<i64> = supabase.from(planets::Table).select(planets::id).await.unwrap();
    let headers = &recording.sent()[0].headers;
    assert_eq!(headers["traceparent"], "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
    assert_eq!(headers["baggage"], "the=caller's");
    assert_eq!(headers["authorization"], "Bearer the-key");
}

#[tokio::test]
async fn a_read_is_repeated_and_a_write_never() {
    let busy = Reply::json(StatusCode::SERVICE_UNAVAILABLE, r#"{"code":"PGRST001","message":"busy"}"#);
    let (supabase, recording) = recorded([busy.clone()]);
    let error = supabase.from(planets::Table).select(planets::id).await.unwrap_err();
    assert_eq!((error.kind(), error.code()), (ErrorKind::Unavailable, Some("PGRST001")));
    let sent = recording.sent();
    assert_eq!(sent.len(), 4);
    assert_eq!(sent[3].headers["x-retry-count"], "3");

    for _ in 0..4 {
        for failure in [busy.clone(), Reply::failure(ErrorKind::Offline), Reply::failure(ErrorKind::Timeout)] {
            let (supabase, recording) = recorded([failure]);
            supabase.from(countries::Table).insert(insert!(countries { name: "Chile" })).await.unwrap_err();
            supabase
                .from(countries::Table)
                .update(update!(countries { name: "Chile" }))
                .eq(countries::id, 1)
                .await
                .unwrap_err();
            supabase.from(countries::Table).delete().eq(countries::id, 1).await.unwrap_err();
            assert_eq!(recording.sent().len(), 3, "a write was sent twice");
        }
    }
}

#[tokio::test]
async fn a_filter_that_would_be_empty_is_refused_by_name() {
    let (supabase, recording) = recorded([]);
    let refused = [
        supabase.from(planets::Table).delete().not_in(planets::id, Vec::<i64>::new()).await.unwrap_err(),
        supabase.from(planets::Table).delete().filter(all(Vec::<Condition<planets::Table>>::new())).await.unwrap_err(),
        supabase.from(planets::Table).delete().filter(any(Vec::<Condition<planets::Table>>::new())).await.unwrap_err(),
        supabase.from(planets::Table).delete().filter(not(planets::id.in_(Vec::<i64>::new()))).await.unwrap_err(),
        supabase.from("planets").delete().or("").await.unwrap_err(),
        supabase.from("planets").delete().match_(Vec::<(&str, i64)>::new()).await.unwrap_err(),
        supabase.from("planets").delete().filter("id", "not.in", "()").await.unwrap_err(),
        supabase.from("planets").delete().eq("*", 1).await.unwrap_err(),
        supabase.from("planets").delete().eq("name", "a\0b").await.unwrap_err(),
    ];
    for error in &refused {
        assert_eq!(error.kind(), ErrorKind::Refused, "{error}");
    }
    let named = |at: usize, words: &str| assert!(refused[at].to_string().contains(words), "{}", refused[at]);
    named(0, "not_in");
    named(1, "`all`");
    named(2, "`any`");
    named(3, "not(");
    named(5, "match_");
    named(8, "NUL");
    assert!(recording.sent().is_empty());
}

#[tokio::test]
async fn an_update_is_sent_once() {
    let (supabase, recording) = recorded([Reply::empty(StatusCode::NO_CONTENT)]);
    let mut update = Box::pin(supabase.from(planets::Table).update(update!(planets { name: "x" })).eq(planets::id, 1));
    update.as_mut().await.unwrap();
    assert_eq!(recording.sent().len(), 1);
}

#[test]
fn a_wrong_set_up_is_one_clear_error() {
    let message = |url: &str, key: &str| {
        let error = Client::new(url, key).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config);
        error.to_string()
    };
    assert!(message("example.supabase.co", "key").contains("https://"));
    assert!(message("ftp://example.com", "key").contains("ftp:"));
    assert!(message("", "key").contains("project URL"));
    assert!(message(URL, "").contains("key is empty"));
    assert!(message(URL, "a\nsecret").contains("line breaks"));
    assert!(!message(URL, "a\nsecret").contains("secret"));
    let error = Client::builder(URL, "key").header("bad name", "x").build().unwrap_err();
    assert!(error.to_string().contains("bad name"));
}

#[tokio::test]
async fn an_unreachable_host_and_a_refused_key() {
    let nowhere = Client::builder("http://127.0.0.1:9", "key").retry(RetryPolicy::none()).build().unwrap();
    let error = nowhere.from(planets::Table).select(All).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Offline);
    assert!(error.to_string().contains("GET /rest/v1/planets"), "{error}");
    assert!(!format!("{error:?}").contains("Bearer"));

    let stack = QUICKSTART.get().await.unwrap();
    let error = Client::new(stack.url(), "wrong-key").unwrap().from(planets::Table).select(All).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unauthenticated);
    assert!(!format!("{error} {error:?}").contains("wrong-key"));
}

#[tokio::test]
async fn a_broken_answer_names_row_and_column() {
    let rows = r#"[{"id":1,"name":"Luna"},{"id":"two","name":"Io"}]"#;
    let (supabase, _) = recorded([Reply::json(StatusCode::OK, rows)]);
    let error = supabase.from(moons::Table).select((moons::id, moons::name)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Decode);
    let decode = error.decode().unwrap();
    assert_eq!((decode.row(), decode.column()), (Some(1), Some("id")));

    for broken in [r#"[{"id":1,"#, "<html>", "", "[1]"] {
        let (supabase, _) = recorded([Reply::json(StatusCode::OK, broken)]);
        let error = supabase.from(moons::Table).select((moons::id, moons::name)).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Decode, "{broken:?}: {error}");
    }
}

#[tokio::test]
async fn a_dry_run_is_proved_before_any_write() {
    let (supabase, recording) = recorded([]);
    let error = supabase.from(planets::Table).delete().every_row().dry_run().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Refused);
    assert!(recording.sent().is_empty());

    // A server that does not say so would commit.
    let recording = Recording::new([Reply::empty(StatusCode::OK)]);
    let supabase = Client::builder(URL, "key").transport(recording.clone()).allow_dry_run(true).build().unwrap();
    let error = supabase.from(planets::Table).delete().every_row().dry_run().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Refused);
    assert!(recording.sent().iter().all(|sent| sent.method != http::Method::DELETE));
}

#[test]
fn debug_shows_no_secret() {
    let supabase = Client::builder(URL, "secret-key")
        .access_token(|| async { Ok::<_, std::convert::Infallible>(Some("secret-token".to_owned())) })
        .build()
        .unwrap();
    let theirs = supabase.as_user("another-secret");
    let shown = format!("{supabase:?} {theirs:?} {:?}", supabase.from(planets::Table).delete());
    assert!(!shown.contains("secret"), "{shown}");
}

#[test]
fn conditions_are_joined_by_operators_as_well() {
    let (mars, small) = (|| planets::name.eq("Mars"), || planets::radius_km.lt(3000.0));
    assert_eq!((mars() & small()).to_string(), "and(name.eq.\"Mars\",radius_km.lt.3000)");
    assert_eq!(mars().and(small()).to_string(), all([mars(), small()]).to_string());
    assert_eq!((mars() | small()).to_string(), any([mars(), small()]).to_string());
    assert_eq!((!(mars() | small())).to_string(), not(any([mars(), small()])).to_string());
}

#[test]
fn enums_come_from_text_and_rows_become_json() {
    use supabase_tests::db::enums::PlanetKind;
    select!(#[derive(serde::Serialize)] struct Told: planets { name, kind, radius_km });
    assert_eq!("gas giant".parse::<PlanetKind>().unwrap(), PlanetKind::GasGiant);
    assert_eq!(PlanetKind::from("new one").to_string(), "new one");
    let told = Told { name: "Jupiter".to_owned(), kind: Some("gas giant".into()), radius_km: 69_911.0 };
    let json = serde_json::to_value(&told).unwrap();
    assert_eq!(json, serde_json::json!({ "name": "Jupiter", "kind": "gas giant", "radius_km": 69_911.0 }));
    assert_eq!(serde_json::from_value::<PlanetKind>(json["kind"].clone()).unwrap(), PlanetKind::GasGiant);
}

#[test]
fn fields_take_borrowed_text_and_bare_values() {
    let change = moons::Update { name: "Io".into(), radius_km: 1821.6.into(), ..moons::Update::default() };
    let supabase = Client::new(URL, "the-key").unwrap();
    let request = supabase.from(moons::Table).update(change).eq(moons::id, 1).to_request().unwrap();
    assert_eq!(request.body.unwrap(), r#"{"name":"Io","radius_km":1821.6}"#);
}
