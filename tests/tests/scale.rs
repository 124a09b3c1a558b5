//! Reading at scale: streams, pages past the server's cap, long lists, time limits, repeats.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use futures_util::StreamExt;
use http::StatusCode;
use supabase_core::prelude::*;
use supabase_core::transport::{BoxFuture, Http, HttpRequest, HttpResponse, Recording, Reply, RetryPolicy, Transport};
use supabase_core::types::JsonValue;
use supabase_core::{Client, Error, ErrorKind};
use supabase_local::Database;
use supabase_tests::db::{big_planets, countries, employees, functions, members, moons, planets, users};
use supabase_tests::server::{CHUNKED, Server};
use supabase_tests::stack::QUICKSTART;

const CAP: u64 = 5;

/// A database of its own whose server gives five rows at most.
async fn capped() -> Database {
    let stack = QUICKSTART.get().await.unwrap();
    stack.database_with(stack.rest_settings().clone().max_rows(5)).await.unwrap()
}

/// The real transport, which keeps what is asked.
#[derive(Clone, Default)]
struct Watched {
    http: Http,
    seen: Arc<Mutex<Vec<(http::Method, String)>>>,
}

impl Transport for Watched {
    fn send(&self, request: HttpRequest) -> BoxFuture<'static, Result<HttpResponse, Error>> {
        self.seen.lock().unwrap().push((request.method.clone(), request.url.clone()));
        self.http.send(request)
    }
}

impl Watched {
    /// What was asked since the last time, without the project's URL.
    fn take(&self) -> Vec<String> {
        let seen = std::mem::take(&mut *self.seen.lock().unwrap());
        seen.into_iter().map(|(method, url)| format!("{method} {}", url.split_once("/rest/v1").unwrap().1)).collect()
    }
}

fn watched(database: &Database, url_limit: usize) -> (Client, Watched) {
    let transport = Watched::default();
    let supabase = Client::builder(database.url(), database.service_key())
        .transport(transport.clone())
        .url_limit(url_limit)
        .build()
        .unwrap();
    (supabase, transport)
}

fn recorded(replies: impl IntoIterator<Item = Reply>) -> (Client, Recording) {
    let recording = Recording::new(replies);
    let retry = RetryPolicy::none();
    let builder = Client::builder("https://example.supabase.co", "key").transport(recording.clone()).retry(retry);
    (builder.build().unwrap(), recording)
}

fn json(body: &str) -> Reply {
    Reply::json(StatusCode::OK, body)
}

// ---- streams --------------------------------------------------------------------------------------

#[tokio::test]
async fn a_stream_gives_what_a_list_gives() {
    let stack = QUICKSTART.get().await.unwrap();
    let (supabase, _) = watched(stack, 8000);
    let query = supabase.from(moons::Table).select((moons::id, moons::name, moons::radius_km)).order(moons::id);
    let list = query.clone().await.unwrap();
    let streamed: Vec<_> = query.stream().map(Result::unwrap).collect().await;
    assert_eq!(streamed, list);
    assert_eq!(list.len(), 10);

    let query = supabase.from("moons").select::<JsonValue>("id, planets(name)").order("id");
    let list = query.clone().await.unwrap();
    let mut rows = query.stream();
    let mut streamed = Vec::new();
    while let Some(row) = rows.next().await {
        streamed.push(row.unwrap());
    }
    assert!(rows.next().await.is_none());
    assert_eq!(streamed, list);

    let found: Vec<_> =
        supabase.rpc(functions::search_planets { query: "ar" }).stream().map(|row| row.unwrap().name).collect().await;
    assert_eq!(found, ["Earth", "Mars"]);
    let found: Vec<_> = supabase
        .rpc(functions::search_planets { query: "ar" })
        .select(planets::id)
        .stream()
        .map(Result::unwrap)
        .collect()
        .await;
    assert_eq!(found, [3, 4]);
    let untyped = supabase.rpc(("search_planets", serde_json::json!({"query": "ar"}))).select("id").stream();
    let found: Vec<JsonValue> = untyped.map(Result::unwrap).collect().await;
    assert_eq!(found, [serde_json::json!({"id": 3}), serde_json::json!({"id": 4})]);
}

/// The rows and the error of a stream.
async fn streamed(supabase: &Client) -> (Vec<(i64, String)>, Option<Error>) {
    let mut rows = supabase.from(moons::Table).select((moons::id, moons::name)).stream();
    let mut good = Vec::new();
    let mut error = None;
    while let Some(row) = rows.next().await {
        match row {
            Ok(row) => good.push(row),
            Err(found) => assert!(error.replace(found).is_none(), "an error ends a stream"),
        }
    }
    (good, error)
}

#[tokio::test]
async fn a_stream_ends_with_its_first_error() {
    let (supabase, _) = recorded([json(r#"[{"id":1,"name":"Luna"},{"id":"two","name":"Io"},{"id":3,"name":"x"}]"#)]);
    let (rows, error) = streamed(&supabase).await;
    assert_eq!(rows, [(1, "Luna".to_owned())]);
    let error = error.unwrap();
    assert_eq!(error.kind(), ErrorKind::Decode);
    assert_eq!((error.decode().unwrap().row(), error.decode().unwrap().column()), (Some(1), Some("id")));
    assert!(error.to_string().contains("GET /rest/v1/moons"), "{error}");

    for (cut, good) in [
        (r#"[{"id":1,"name":"Luna"}"#, 1),
        (r#"[{"id":1,"name":"Luna"},{"id":2,"#, 1),
        ("[", 0),
        ("", 0),
        ("<html>", 0),
    ] {
        let (supabase, _) = recorded([json(cut)]);
        let (rows, error) = streamed(&supabase).await;
        assert_eq!((rows.len(), error.unwrap().kind()), (good, ErrorKind::Decode), "{cut:?}");
    }

    let said = r#"{"code":"42501","message":"permission denied for table moons","details":null,"hint":null}"#;
    let (supabase, _) = recorded([Reply::json(StatusCode::FORBIDDEN, said)]);
    let (_, error) = streamed(&supabase).await;
    let error = error.unwrap();
    assert_eq!((error.kind(), error.code()), (ErrorKind::PermissionDenied, Some("42501")));
    assert_eq!(error.body().unwrap().text, said);

    let (supabase, recording) = recorded([]);
    let mut refused = supabase.from("moons").select::<JsonValue>("*").range(5, 1).stream();
    assert_eq!(refused.next().await.unwrap().unwrap_err().kind(), ErrorKind::Refused);
    assert!(recording.sent().is_empty());

    let (supabase, _) = recorded([json("[1, 2,\n30]"), json(r#"[1,"x"]"#)]);
    let call = || supabase.rpc(supabase_tests::recorded::public::functions::three_numbers {}).stream();
    assert_eq!(call().map(Result::unwrap).collect::<Vec<i32>>().await, [1, 2, 30]);
    let values: Vec<_> = call().collect().await;
    assert_eq!(*values[0].as_ref().unwrap(), 1);
    assert!(values[1].as_ref().unwrap_err().to_string().contains("row 1"));

    let (supabase, _) = recorded([json(r#"[{"id":1},{"id":1000000000000000}]"#)]);
    let mut rows = supabase.from("moons").select::<JsonValue>("id").stream().row_limit(12);
    assert!(rows.next().await.unwrap().is_ok());
    assert!(rows.next().await.unwrap().unwrap_err().to_string().contains("row 1: it has more than 12 bytes"));

    let (supabase, _) = recorded([json(r#"[{"id":1},{"id":"x"}]"#)]);
    #[derive(Debug, serde::Deserialize)]
    struct Id {
        id: i64,
    }
    let rows: Vec<_> = supabase.from("moons").select::<Id>("id").stream().collect().await;
    assert_eq!(rows[0].as_ref().unwrap().id, 1);
    assert!(rows[1].as_ref().unwrap_err().to_string().contains("row 1"));
}

#[tokio::test]
async fn a_connection_that_breaks_is_no_end() {
    for (head, body) in [
        ("HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n", "[{\"id\":1,\"name\":\"Luna\"}]"),
        ("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n18\r\n", "[{\"id\":1,\"name\":\"Luna\"}]"),
    ] {
        let server = Server::start(move |mut client| async move {
            client.say(head).await?;
            client.say(body).await
        })
        .await
        .unwrap();
        let supabase = Client::new(&server.url, "key").unwrap();
        let (rows, error) = streamed(&supabase).await;
        assert_eq!((rows.len(), error.unwrap().kind()), (1, ErrorKind::Offline));
    }
}

// ---- dropping and time limits ----------------------------------------------------------------------

/// A server that sends the head, one row, and then rows for ever or nothing more.
async fn row_server(for_ever: bool) -> Server {
    Server::start(move |mut client| async move {
        client.say(CHUNKED).await?;
        client.chunk(r#"[{"id":1,"name":"Luna"}"#).await?;
        if !for_ever {
            return std::future::pending().await;
        }
        loop {
            client.chunk(r#",{"id":2,"name":"Io"}"#).await?;
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    })
    .await
    .unwrap()
}

async fn silent_server() -> Server {
    Server::start(|client| async move {
        // The way back stays open.
        let _client = client;
        std::future::pending().await
    })
    .await
    .unwrap()
}

#[tokio::test]
async fn dropping_closes_the_connection() {
    // A stream in the middle.
    let server = row_server(true).await;
    let supabase = Client::new(&server.url, "key").unwrap();
    let mut rows = supabase.from(moons::Table).select((moons::id, moons::name)).stream();
    for _ in 0..10 {
        rows.next().await.unwrap().unwrap();
    }
    assert_eq!((server.opened(), server.closed(0).await), (1, 0));
    drop(rows);
    assert_eq!(server.closed(1).await, 1);

    // A query that waits for its answer, a stream before its first row, pages.
    let server = silent_server().await;
    let supabase = Client::new(&server.url, "key").unwrap();
    let select = || supabase.from(moons::Table).select((moons::id, moons::name));
    let soon = Duration::from_millis(300);
    assert!(tokio::time::timeout(soon, select().send()).await.is_err());
    assert_eq!((server.opened(), server.closed(1).await), (1, 1));
    assert!(tokio::time::timeout(soon, select().stream().next()).await.is_err());
    assert_eq!((server.opened(), server.closed(2).await), (2, 2));
    let mut pages = select().pages(10);
    assert!(tokio::time::timeout(soon, pages.next_page()).await.is_err());
    // The page is still being waited for: a future that is dropped loses nothing.
    assert_eq!((server.opened(), server.closed(0).await), (3, 2));
    drop(pages);
    assert_eq!(server.closed(3).await, 3);
}

#[tokio::test]
async fn the_time_limit_is_for_the_head_and_between_parts() {
    let limit = Duration::from_millis(300);
    let took = |started: Instant| {
        let took = started.elapsed();
        assert!(took >= limit && took < Duration::from_secs(20), "{took:?}");
    };
    // The client's own would be a minute.
    let server = silent_server().await;
    let supabase = Client::new(&server.url, "key").unwrap();
    let select = || supabase.from(moons::Table).select((moons::id, moons::name)).timeout(limit);
    let started = Instant::now();
    let error = select().await.unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::Timeout, 1));
    assert_eq!(select().stream().next().await.unwrap().unwrap_err().kind(), ErrorKind::Timeout);
    assert_eq!(select().pages(3).next_page().await.unwrap_err().kind(), ErrorKind::Timeout);
    took(started);
    // A time limit is final: nothing was sent again.
    assert_eq!(server.opened(), 3);
    assert_eq!(server.closed(3).await, 3);

    let server = row_server(false).await;
    let supabase = Client::new(&server.url, "key").unwrap();
    let select = || supabase.from(moons::Table).select((moons::id, moons::name)).timeout(limit);
    let started = Instant::now();
    let mut rows = select().stream();
    assert_eq!(rows.next().await.unwrap().unwrap(), (1, "Luna".to_owned()));
    let error = rows.next().await.unwrap().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);
    assert!(error.to_string().contains("GET /rest/v1/moons"), "{error}");
    assert!(rows.next().await.is_none());
    took(started);
    assert_eq!(select().await.unwrap_err().kind(), ErrorKind::Timeout);

    // Slow is not stalled: parts that keep coming may take longer than the limit in all.
    let server = Server::start(|mut client| async move {
        client.say(CHUNKED).await?;
        client.chunk("[").await?;
        for row in 0..8 {
            tokio::time::sleep(Duration::from_millis(100)).await;
            client.chunk(format!(r#"{}{{"id":{row},"name":"a"}}"#, if row > 0 { "," } else { "" })).await?;
        }
        client.chunk("]").await?;
        client.chunk("").await
    })
    .await
    .unwrap();
    let supabase = Client::builder(&server.url, "key").timeout(Duration::from_millis(500)).build().unwrap();
    assert_eq!(streamed(&supabase).await.0.len(), 8);
}

// ---- pages ----------------------------------------------------------------------------------------

#[tokio::test]
async fn pages_walk_past_the_cap_by_key() {
    let database = capped().await;
    let (supabase, transport) = watched(&database, 8000);
    let from = || supabase.from(planets::Table).select((planets::id, planets::name));
    assert_eq!(from().await.unwrap().len() as u64, CAP, "the cap is real");
    transport.take();

    let all = from().all().await.unwrap();
    assert_eq!(all.iter().map(|row| row.0).collect::<Vec<_>>(), [1, 2, 3, 4, 5, 6, 7, 8, 9]);
    assert_eq!(
        transport.take(),
        [
            "GET /planets?select=id,name&order=id&limit=1000",
            "GET /planets?select=id,name&id=gt.5&order=id&limit=1000",
            "GET /planets?select=id,name&id=gt.9&order=id&limit=1000",
        ]
    );

    let mut pages = from().pages(4);
    let mut lengths = Vec::new();
    while let Some(page) = pages.next_page().await.unwrap() {
        lengths.push(page.len());
    }
    assert_eq!(lengths, [4, 4, 1]);
    assert!(pages.next_page().await.unwrap().is_none());
    // As a stream of pages, of rows, and over the whole generated row.
    let lengths: Vec<_> = from().pages(7).map(|page| page.unwrap().len()).collect().await;
    assert_eq!(lengths, [5, 4]);
    let mut rows = supabase.from(planets::Table).select(All).order(planets::id.asc()).pages(2).rows();
    let mut ids = Vec::new();
    while let Some(row) = rows.next().await {
        ids.push(row.unwrap().id);
    }
    assert_eq!(ids, [1, 2, 3, 4, 5, 6, 7, 8, 9]);
    transport.take();

    // A total that was counted saves the last request, and one that is no multiple of a page.
    assert_eq!(from().count(Count::Exact).all().await.unwrap().len(), 9);
    assert_eq!(transport.take().len(), 2);
    assert_eq!(from().gt(planets::id, 4).count(Count::Exact).all().await.unwrap().len(), 5);
    assert_eq!(transport.take().len(), 1);
    // A planned count is a guess, and no end.
    assert_eq!(from().count(Count::Planned).all().await.unwrap().len(), 9);

    // Limit, offset and range are about the whole.
    let ids = async |query: supabase_core::database::Select<planets::Table, (planets::id, planets::name)>| {
        query.all().await.unwrap().into_iter().map(|row| row.0).collect::<Vec<_>>()
    };
    assert_eq!(ids(from().limit(7)).await, [1, 2, 3, 4, 5, 6, 7]);
    assert_eq!(ids(from().offset(6)).await, [7, 8, 9]);
    assert_eq!(ids(from().range(1, 7)).await, [2, 3, 4, 5, 6, 7, 8]);
    assert_eq!(ids(from().limit(0)).await, [0_i64; 0]);
    assert_eq!(ids(from().offset(100)).await, [0_i64; 0]);
    assert_eq!(ids(from().offset(100).count(Count::Exact)).await, [0_i64; 0]);
    assert_eq!(ids(from().gt(planets::id, 100)).await, [0_i64; 0]);
    assert_eq!(ids(from().order(planets::id.desc()).limit(6)).await, [9, 8, 7, 6, 5, 4]);
}

#[tokio::test]
async fn keys_of_several_columns_and_keys_that_are_not_selected() {
    let database = capped().await;
    database
        .sql(
            "delete from public.members; delete from public.messages; delete from public.notes; delete from public.users;
             insert into public.users (id, name) select gen_random_uuid(), 'user ' || n from generate_series(1, 4) n;
             insert into public.teams (id, name) values (3, 'c'), (4, 'd');
             insert into public.members (team_id, user_id, since)
             select t.id, u.id, date '2024-01-01' + (t.id % 2)::int from public.teams t, public.users u;",
        )
        .await
        .unwrap();
    let (supabase, transport) = watched(&database, 8000);
    let expected: Vec<String> = database
        .sql("select team_id || ' ' || user_id as key from public.members order by since desc, team_id, user_id desc")
        .await
        .unwrap()
        .iter()
        .map(|row| row.get("key").unwrap().to_owned())
        .collect();
    assert_eq!(expected.len(), 16);
    let found = supabase
        .from(members::Table)
        .select((members::since, members::team_id, members::user_id))
        .order((members::since.desc(), members::team_id.asc(), members::user_id.desc()))
        .pages(3)
        .all()
        .await
        .unwrap();
    let found: Vec<String> = found.iter().map(|(_, team, user)| format!("{team} {user}")).collect();
    assert_eq!(found, expected);
    let asked = transport.take();
    assert_eq!(asked.len(), 7);
    assert!(asked.iter().all(|asked| !asked.contains("offset=")), "{asked:?}");
    assert!(asked[1].contains("&since=lte."), "{}", asked[1]);

    // Rows that do not have the key are asked for it under another name.
    let dates = supabase.from(members::Table).select(members::since).all().await.unwrap();
    assert_eq!(dates.len(), 16);
    let asked = transport.take();
    assert!(
        asked[0].starts_with("GET /members?select=since,key_1:team_id,key_2:user_id&order=team_id,user_id&"),
        "{}",
        asked[0]
    );
    assert!(asked.iter().all(|asked| !asked.contains("offset=")), "{asked:?}");
    select!(struct Renamed: planets { number: id, id: name });
    let renamed = supabase.from(planets::Table).select(Renamed::columns()).order(planets::name).all().await.unwrap();
    let mut names: Vec<_> = renamed.iter().map(|row| row.id.clone()).collect();
    assert_eq!((renamed.len(), renamed[0].number), (9, 3));
    assert!(names.is_sorted());
    names.dedup();
    assert_eq!(names.len(), 9);
}

#[tokio::test]
async fn every_sort_gives_every_row_once() {
    let stack = QUICKSTART.get().await.unwrap();
    let rest = stack.rest_settings().clone();
    let database = stack.database_with(rest.clone().max_rows(3)).await.unwrap();
    database
        .sql("update public.planets set surveyed_at = timestamptz '2024-02-29 12:00:00.000001+05:30' + (id % 4) * interval '1 microsecond', radius_km = radius_km / 3")
        .await
        .unwrap();
    let (supabase, transport) = watched(&database, 8000);
    let by_sql = async |order: &str| -> Vec<i64> {
        let rows = database.sql(format!("select id from public.planets order by {order}")).await.unwrap();
        rows.iter().map(|row| row.get("id").unwrap().parse().unwrap()).collect()
    };
    let from = || supabase.from(planets::Table).select(planets::id);
    let orders = [
        (from().order(planets::radius_km), "radius_km, id", true),
        (from().order(planets::diameter_km.desc()), "diameter_km desc, id", true),
        (
            from().order((planets::has_rings.desc(), planets::surveyed_at.asc())),
            "has_rings desc, surveyed_at, id",
            true,
        ),
        (from().order(planets::surveyed_at.desc()).order(planets::id.desc()), "surveyed_at desc, id desc", true),
        (
            from().order((planets::surveyed_at, planets::radius_km)).order(planets::id),
            "surveyed_at, radius_km, id",
            true,
        ),
        (from().order((planets::id.desc(), planets::name.asc())), "id desc", true),
        (from().order(planets::tags), "tags, id", false),
        (from().order(planets::kind.desc().nulls_last()), "kind desc nulls last, id", false),
        (from().order(planets::discovered_on), "discovered_on, id", false),
    ];
    for (query, order, by_key) in orders {
        let expected = by_sql(order).await;
        for size in [1, 2, 1000] {
            assert_eq!(query.clone().pages(size).all().await.unwrap(), expected, "{order}");
            let asked = transport.take();
            assert_eq!(asked.iter().all(|asked| !asked.contains("offset=")), by_key, "{order}: {asked:?}");
        }
    }
    // Filters on related rows, and embedded rows, which the cap cuts for each row.
    let having = || from().having(planets::rel::moons, |moons| moons.gt(moons::radius_km, 1.0));
    assert_eq!(having().all().await.unwrap(), [3, 4, 5, 6, 8]);
    assert_eq!(having().order(planets::name.desc()).pages(2).all().await.unwrap(), [6, 8, 4, 5, 3]);
    // A function's rows, when the caller knows what tells them apart.
    transport.take();
    let found = supabase.rpc(functions::search_planets { query: "" }).select(planets::name).order(planets::id);
    assert_eq!(found.pages(4).by(planets::unique::id).all().await.unwrap().len(), 9);
    assert!(transport.take().last().unwrap().contains("select=name,key_1:id&id=gt.9"));
}

#[tokio::test]
async fn text_keys_of_any_content_and_another_unique_constraint() {
    let database = capped().await;
    let odd = ["", " ", "a,b", "a\"b\\c", "(x)", "*", "%", "null", "é", "é\u{301}", "🚀 & +", "z.gt.1", "Z", "z"];
    database.sql("delete from public.cities; delete from public.countries").await.unwrap();
    let (supabase, transport) = watched(&database, 8000);
    let rows = odd.map(|name| insert!(countries { name: name }));
    supabase.from(countries::Table).insert_many(rows).await.unwrap();
    transport.take();
    let expected: Vec<String> = database
        .sql("select name from public.countries order by name")
        .await
        .unwrap()
        .iter()
        .map(|row| row.get("name").unwrap().to_owned())
        .collect();
    for size in [1, 2, 5] {
        let names = supabase
            .from(countries::Table)
            .select(countries::name)
            .order(countries::name)
            .pages(size)
            .all()
            .await
            .unwrap();
        assert_eq!(names, expected, "with the primary key behind");
        let asked = transport.take();
        assert!(asked[0].contains("order=name,id"), "{}", asked[0]);
        assert!(asked.iter().all(|asked| !asked.contains("offset=")), "{asked:?}");
        let names = supabase
            .from(countries::Table)
            .select(countries::name)
            .pages(size)
            .by(countries::unique::name)
            .all()
            .await
            .unwrap();
        assert_eq!(names, expected, "by the unique name alone");
        let asked = transport.take();
        assert!(asked[0].starts_with("GET /countries?select=name&order=name&"), "{}", asked[0]);
        assert!(asked.iter().all(|asked| !asked.contains("offset=")), "{asked:?}");
    }
    let down: Vec<_> =
        supabase.from(countries::Table).select(countries::name).order(countries::name.desc()).all().await.unwrap();
    assert!(down.iter().rev().eq(&expected));
    // A unique column that may be NULL tells nothing apart.
    let error =
        supabase.from(users::Table).select(users::id).pages(2).by(users::unique::email).all().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Refused);
    assert!(error.to_string().contains("`email`"), "{error}");
}

#[tokio::test]
async fn pages_by_offset_where_there_is_no_key() {
    let database = capped().await;
    let (supabase, transport) = watched(&database, 8000);
    // A column that may be NULL sorts, and cannot be gone on by.
    let ids =
        supabase.from(planets::Table).select(planets::id).order(planets::mass.asc().nulls_first()).all().await.unwrap();
    assert_eq!(ids, [9, 1, 4, 2, 3, 7, 8, 6, 5]);
    assert_eq!(
        transport.take(),
        [
            "GET /planets?select=id&order=mass.asc.nullsfirst,id&limit=1000",
            "GET /planets?select=id&order=mass.asc.nullsfirst,id&limit=1000&offset=5",
            "GET /planets?select=id&order=mass.asc.nullsfirst,id&limit=1000&offset=9",
        ]
    );
    // The untyped builder, whose columns are not known.
    let rows: Vec<JsonValue> = supabase.from("planets").select("id").order("id").pages(4).all().await.unwrap();
    assert_eq!(rows.iter().map(|row| row["id"].as_i64().unwrap()).collect::<Vec<_>>(), [1, 2, 3, 4, 5, 6, 7, 8, 9]);
    assert_eq!(transport.take().last().unwrap(), "GET /planets?select=id&order=id.asc&limit=4&offset=9");
    let rows: Vec<JsonValue> =
        supabase.from("planets").select("id").order("id").count(Count::Exact).all().await.unwrap();
    assert_eq!((rows.len(), transport.take().len()), (9, 2));
    // Functions: one that is declared to change nothing, and one by name, with GET.
    let found = supabase.rpc(functions::search_planets { query: "" }).order(planets::id).all().await.unwrap();
    assert_eq!(found.len(), 9);
    let found = supabase
        .rpc(functions::search_planets { query: "" })
        .select(planets::name)
        .order(planets::name)
        .pages(2)
        .all()
        .await
        .unwrap();
    assert!(found.len() == 9 && found.is_sorted());
    transport.take();
    let found: Vec<JsonValue> = supabase
        .rpc(("search_planets", serde_json::json!({"query": "a"})))
        .get()
        .select("id")
        .order("id")
        .all()
        .await
        .unwrap();
    assert_eq!(found.len(), 5);
    assert!(transport.take().iter().all(|asked| asked.starts_with("GET /rpc/search_planets?query=a")));
    // A view, sorted.
    let big = supabase
        .from(big_planets::Table)
        .select(big_planets::name)
        .order(big_planets::name)
        .pages(3)
        .all()
        .await
        .unwrap();
    assert_eq!(big, ["Jupiter", "Neptune", "Saturn", "Uranus"]);
}

#[tokio::test]
async fn pages_need_an_order() {
    let (supabase, recording) = recorded([]);
    let volatile = supabase.rpc(("search_planets", serde_json::json!({"query": "a"}))).order("id");
    let refused = [
        supabase.from("planets").select::<JsonValue>("*").pages(10).next_page().await.unwrap_err(),
        supabase.from("planets").select::<JsonValue>("*").all().await.unwrap_err(),
        supabase.rpc(functions::search_planets { query: "" }).all().await.unwrap_err(),
        supabase.from(planets::Table).select(select!(planets { kind, count() })).all().await.unwrap_err(),
        supabase.from("planets").select::<JsonValue>("*").order("id").pages(0).all().await.unwrap_err(),
        volatile.all().await.map(|_: Vec<JsonValue>| ()).unwrap_err(),
    ];
    for error in &refused {
        assert_eq!(error.kind(), ErrorKind::Refused, "{error}");
    }
    for error in &refused[..4] {
        assert!(error.to_string().contains("`.order(..)`"), "{error}");
    }
    assert!(refused[4].to_string().contains("pages(0)"));
    assert!(refused[5].to_string().contains("`.get()`"), "{}", refused[5]);
    assert!(recording.sent().is_empty());
}

#[tokio::test]
async fn aggregates_have_pages_of_groups() {
    let stack = QUICKSTART.get().await.unwrap();
    let database = stack.database_with(stack.rest_settings().clone().max_rows(2).aggregates(true)).await.unwrap();
    let (supabase, _) = watched(&database, 8000);
    let groups = supabase
        .from(planets::Table)
        .select(select!(planets { kind, count() }))
        .order(planets::kind)
        .all()
        .await
        .unwrap();
    assert_eq!(groups.iter().map(|group| group.count).collect::<Vec<_>>(), [5, 2, 2]);
}

#[tokio::test]
async fn writing_meanwhile_hides_no_row_from_a_walk_by_key() {
    let database = capped().await;
    let (supabase, _) = watched(&database, 8000);
    let mut pages = supabase.from(employees::Table).select(employees::id).pages(2);
    assert_eq!(pages.next_page().await.unwrap().unwrap(), [1, 2]);
    database.sql("update public.employees set manager_id = null; delete from public.employees where id = 2; insert into public.employees (id, name) values (0, 'zero')").await.unwrap();
    assert_eq!(pages.next_page().await.unwrap().unwrap(), [3, 4]);
    assert!(pages.next_page().await.unwrap().is_none());
}

#[tokio::test]
async fn an_error_loses_no_page_and_a_server_that_repeats_itself_is_found_out() {
    let busy = Reply::json(StatusCode::INTERNAL_SERVER_ERROR, r#"{"message":"oops"}"#);
    let (supabase, recording) = recorded([json(r#"[{"id":1}]"#), busy.clone(), json(r#"[{"id":2}]"#), json("[]")]);
    let mut pages = supabase.from(moons::Table).select(moons::id).pages(1);
    assert_eq!(pages.next_page().await.unwrap().unwrap(), [1]);
    assert_eq!(pages.next_page().await.unwrap_err().kind(), ErrorKind::Api);
    assert_eq!(pages.next_page().await.unwrap().unwrap(), [2]);
    assert!(pages.next_page().await.unwrap().is_none());
    let sent = recording.sent();
    assert_eq!(sent[1].url, sent[2].url);

    // As a stream it ends, so that nobody goes round in circles.
    let (supabase, _) = recorded([json(r#"[{"id":1}]"#), busy]);
    let rows: Vec<_> = supabase.from(moons::Table).select(moons::id).pages(1).rows().collect().await;
    assert_eq!(rows.len(), 2);
    assert!(rows[0].is_ok() && rows[1].is_err());

    // Filters that are not heeded would be a walk without an end.
    let (supabase, _) = recorded([json(r#"[{"id":1}]"#)]);
    let error = supabase.from(moons::Table).select(moons::id).all().await.unwrap_err();
    assert!(error.to_string().contains("it came again"), "{error}");
    let (supabase, _) = recorded([json(r#"[{"id":1}]"#).header("content-range", "0-0/*")]);
    let error = supabase.from("moons").select::<JsonValue>("id").order("id").all().await.unwrap_err();
    assert!(error.to_string().contains("number 1 on were asked for"), "{error}");
}

// ---- long URLs ------------------------------------------------------------------------------------

#[tokio::test]
async fn a_long_list_is_spread_over_requests() {
    let stack = QUICKSTART.get().await.unwrap();
    let (short, _) = watched(stack, 100_000);
    let (supabase, transport) = watched(stack, 400);
    let ids = || (1..=400).chain([3, 3, 4]).map(|id| if id % 50 == 0 { id / 50 } else { 1000 + id });
    fn query(
        supabase: &Client,
        ids: impl Iterator<Item = i32>,
    ) -> supabase_core::database::Select<planets::Table, (planets::id, planets::name)> {
        supabase
            .from(planets::Table)
            .select((planets::id, planets::name))
            .neq(planets::name, "Mars")
            .in_(planets::id, ids)
    }
    let expected: BTreeSet<_> = query(&short, ids()).await.unwrap().into_iter().collect();
    assert_eq!(expected.len(), 7);
    let response = query(&supabase, ids()).execute().await.unwrap();
    let asked = transport.take();
    assert!(asked.len() > 4, "{}", asked.len());
    for asked in &asked {
        let url = asked.len() - "GET ".len() + stack.url().len() + "/rest/v1".len();
        assert!(url <= 400 && asked.contains("name=neq.Mars"), "{asked}");
    }
    assert_eq!((response.status, response.count, response.data.len()), (StatusCode::OK, None, 7));
    assert_eq!(response.data.into_iter().collect::<BTreeSet<_>>(), expected);

    // As a stream, and page by page: each part has pages of its own.
    let streamed: Vec<_> = query(&supabase, ids()).stream().map(Result::unwrap).collect().await;
    assert_eq!(streamed.len(), 7);
    assert_eq!(streamed.into_iter().collect::<BTreeSet<_>>(), expected);
    assert_eq!(transport.take().len(), asked.len());
    let (supabase, transport) = watched(stack, 1000);
    let paged = query(&supabase, ids()).pages(2).all().await.unwrap();
    assert_eq!(paged.len(), 7);
    assert_eq!(paged.into_iter().collect::<BTreeSet<_>>(), expected);
    assert!(transport.take().iter().all(|asked| asked.len() + stack.url().len() < 1000));
}

#[tokio::test]
async fn texts_of_any_content_are_found_in_any_part() {
    let stack = QUICKSTART.get().await.unwrap();
    let database = stack.database().await.unwrap();
    let (supabase, transport) = watched(&database, 330);
    let odd = [
        "", " ", "a,b", "a\"b\\c", "(x)", "*", "%", "null", "é", "🚀 & +", "z.in.(1)", "),(", "\\", "\"", ",", "Mordor",
    ];
    let rows = odd[..15].iter().map(|name| insert!(countries { name: *name })).collect::<Vec<_>>();
    supabase.from(countries::Table).insert_many(rows).await.unwrap();
    transport.take();
    let filler = (0..30).map(|at| format!("nothing of number {at}, \"quoted\" (and so on)"));
    let wanted: Vec<String> =
        odd.iter().map(|name| (*name).to_owned()).chain(filler).chain(["a,b".to_owned()]).collect();
    let found = supabase.from(countries::Table).select(countries::name).in_(countries::name, &wanted).await.unwrap();
    assert!(transport.take().len() > 5);
    assert_eq!(found.len(), odd.len());
    assert_eq!(found.iter().map(String::as_str).collect::<BTreeSet<_>>(), odd.into_iter().collect());
    // The empty text is a list of its own when nothing else fits beside it.
    let long = "x".repeat(150);
    let found = supabase
        .from(countries::Table)
        .select(countries::name)
        .in_(countries::name, ["", &long, &long.to_uppercase().replace('X', "y")])
        .await
        .unwrap();
    assert_eq!(found, [""]);
}

#[tokio::test]
async fn what_cannot_be_said_in_parts_is_refused_with_its_length() {
    let recording = Recording::new([json("[]")]);
    let supabase = Client::builder("https://example.supabase.co", "key").transport(recording.clone()).build().unwrap();
    let ids = || 100_000_000..100_001_000_i64;
    let from = || supabase.from(planets::Table).select(planets::id);
    let refused = [
        from().in_(planets::id, ids()).order(planets::id).await.unwrap_err(),
        from().in_(planets::id, ids()).limit(5).await.unwrap_err(),
        from().in_(planets::id, ids()).range(0, 5).await.unwrap_err(),
        from().in_(planets::id, ids()).offset(5).await.unwrap_err(),
        from().in_(planets::id, ids()).count(Count::Exact).await.unwrap_err(),
        from().in_(planets::id, ids()).single().await.map(drop).unwrap_err(),
        from().in_(planets::id, ids()).maybe_single().await.map(drop).unwrap_err(),
        from().in_(planets::id, ids()).csv().await.map(drop).unwrap_err(),
        from().in_(planets::id, ids()).head().await.unwrap_err(),
        from().not_in(planets::id, ids()).await.unwrap_err(),
        from().filter(any([planets::id.in_(ids()), planets::id.eq(1)])).await.unwrap_err(),
        from().eq(planets::name, "x".repeat(9000)).await.unwrap_err(),
        from().in_(planets::name, ["x".repeat(9000)]).await.unwrap_err(),
        supabase
            .from(planets::Table)
            .select(select!(planets { count() }))
            .in_(planets::id, ids())
            .await
            .map(drop)
            .unwrap_err(),
        supabase.from("planets").select::<JsonValue>("count").in_("id", ids()).await.map(drop).unwrap_err(),
        supabase.from("moons").select::<JsonValue>("id").in_("planets.id", ids()).await.map(drop).unwrap_err(),
        supabase
            .from("moons")
            .select::<JsonValue>("id")
            .filter("id", "in", format!("(1, {})", "\"2\",".repeat(3000)))
            .await
            .map(drop)
            .unwrap_err(),
        supabase.from(planets::Table).delete().in_(planets::id, ids()).await.unwrap_err(),
        supabase.from(planets::Table).update(update!(planets { name: "x" })).in_(planets::id, ids()).await.unwrap_err(),
        from().in_(planets::id, ids()).order(planets::id).stream().next().await.unwrap().unwrap_err(),
        from().in_(planets::id, ids()).order(planets::id).all().await.unwrap_err(),
        supabase.rpc(functions::search_planets { query: "" }).in_(planets::id, ids()).await.map(drop).unwrap_err(),
    ];
    for (at, error) in refused.iter().enumerate() {
        assert_eq!(error.kind(), ErrorKind::Refused, "{at}: {error}");
        let text = error.to_string();
        assert!(text.contains("bytes") && text.contains("8000") && text.contains(".rpc(..)"), "{at}: {text}");
    }
    assert!(recording.sent().is_empty());
    assert!(refused[0].to_string().contains("has 10070 bytes"), "{}", refused[0]);
    // Without any of that it goes through, in two.
    from().in_(planets::id, ids()).await.unwrap();
    assert_eq!(recording.sent().len(), 2);
}

#[tokio::test]
async fn a_call_by_get_becomes_a_post() {
    let stack = QUICKSTART.get().await.unwrap();
    let (supabase, transport) = watched(stack, 300);
    let long = "ar".to_owned() + &"%".repeat(400);
    let found = supabase
        .rpc(functions::search_planets { query: &*long })
        .get()
        .neq(planets::name, "Earth")
        .select(planets::name)
        .await
        .unwrap();
    assert_eq!(found, ["Mars"]);
    assert_eq!(transport.take(), ["POST /rpc/search_planets?name=neq.Earth&select=name"]);
    let found: Vec<JsonValue> =
        supabase.rpc(("search_planets", serde_json::json!({"query": long}))).select("id").get().await.unwrap();
    assert_eq!(found.len(), 2);
    assert_eq!(transport.take(), ["POST /rpc/search_planets?select=id"]);
    let found: Vec<JsonValue> =
        supabase.rpc(("search_planets", serde_json::json!({"query": "ar"}))).select("id").get().await.unwrap();
    assert_eq!(found.len(), 2);
    assert_eq!(transport.take(), ["GET /rpc/search_planets?select=id&query=ar"]);
    let error = supabase.rpc(functions::search_planets { query: &*long }).head().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Refused);
}

// ---- repeats --------------------------------------------------------------------------------------

#[tokio::test]
async fn waits_are_those_of_the_server_or_of_chance() {
    let waits: Arc<Mutex<Vec<Duration>>> = Arc::default();
    let client = |replies: Vec<Reply>| {
        let waits = Arc::clone(&waits);
        let sleep = move |time| -> BoxFuture<'static, ()> {
            waits.lock().unwrap().push(time);
            Box::pin(async {})
        };
        let recording = Recording::new(replies);
        let retry = RetryPolicy::default().sleep(Arc::new(sleep));
        let builder = Client::builder("https://example.supabase.co", "key").transport(recording.clone()).retry(retry);
        (builder.build().unwrap(), recording)
    };
    let busy = |after: &str| Reply::empty(StatusCode::SERVICE_UNAVAILABLE).header("retry-after", after);

    // The server's word, up to half a minute; a stream and pages are asked for again as any read.
    let (supabase, recording) = client(vec![busy("2"), busy("3600"), busy("0"), json(r#"[{"id":1}]"#)]);
    let rows: Vec<_> = supabase.from(moons::Table).select(moons::id).stream().map(Result::unwrap).collect().await;
    assert_eq!(rows, [1]);
    assert_eq!(std::mem::take(&mut *waits.lock().unwrap()), [2, 30, 0].map(Duration::from_secs));
    let counts: Vec<_> = recording
        .sent()
        .iter()
        .map(|sent| sent.headers.get("x-retry-count").map(|count| count.to_str().unwrap().to_owned()))
        .collect();
    assert_eq!(counts, [None, Some("1".to_owned()), Some("2".to_owned()), Some("3".to_owned())]);
    let (supabase, recording) = client(vec![busy("1"), json(r#"[{"id":1}]"#), busy("1"), json("[]")]);
    assert_eq!(supabase.from(moons::Table).select(moons::id).all().await.unwrap(), [1]);
    assert_eq!(recording.sent().len(), 4);
    waits.lock().unwrap().clear();

    // Otherwise anything from nothing to 1, 2 and 4 seconds, every part of it.
    for _ in 0..300 {
        for failure in [Reply::empty(StatusCode::SERVICE_UNAVAILABLE), Reply::failure(ErrorKind::Offline)] {
            let (supabase, _) = client(vec![failure]);
            let error = supabase.from(moons::Table).select(moons::id).stream().next().await.unwrap().unwrap_err();
            assert!(matches!(error.kind(), ErrorKind::Unavailable | ErrorKind::Offline));
        }
    }
    let waits = waits.lock().unwrap();
    assert_eq!(waits.len(), 1800);
    for (at, bound) in [1.0, 2.0, 4.0].into_iter().enumerate() {
        let fractions: Vec<f64> = waits.iter().skip(at).step_by(3).map(|wait| wait.as_secs_f64() / bound).collect();
        assert!(fractions.iter().all(|fraction| (0.0..=1.0).contains(fraction)));
        for tenth in 0..10 {
            let share = fractions.iter().filter(|fraction| (**fraction * 10.0) as i32 == tenth).count();
            // 60 are expected of 600, with a deviation of 7.
            assert!((20..=110).contains(&share), "{share} of 600 waits are in tenth {tenth} of {bound} s");
        }
    }
}
