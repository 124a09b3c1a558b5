//! A live query over memory, with a server that answers its reads as it is told to.

use ::http::StatusCode;

use super::*;
use crate::decode::{DecodeError, RowReader};
use crate::query::{All, SelectWriter};
use crate::schema::{ColumnInfo, FromRow, HasRow, Table};
use crate::transport::{Recording, Reply};

struct Planets;

impl Table for Planets {
    const NAME: &'static str = "planets";
    const SCHEMA: &'static str = "public";
    const COLUMNS: &'static [ColumnInfo] =
        &[ColumnInfo::new("id", "bigint", false), ColumnInfo::new("name", "text", true)];
    const REQUIRED: &'static [&'static str] = &["id"];
    const PRIMARY_KEY: &'static [&'static str] = &["id"];
}

#[derive(Debug)]
struct Planet {
    id: i64,
}

impl HasRow for Planets {
    type Row = Planet;
}

impl FromRow for Planet {
    type Table = Planets;
    fn select(out: &mut SelectWriter<'_>) {
        out.all();
    }
    fn decode(reader: &mut RowReader<'_>) -> std::result::Result<Self, DecodeError> {
        Ok(Self { id: reader.column("id")? })
    }
}

/// A table whose key has two columns.
struct Seats;

impl Table for Seats {
    const NAME: &'static str = "seats";
    const SCHEMA: &'static str = "public";
    const COLUMNS: &'static [ColumnInfo] =
        &[ColumnInfo::new("row", "bigint", false), ColumnInfo::new("seat", "bigint", false)];
    const REQUIRED: &'static [&'static str] = &["row", "seat"];
    const PRIMARY_KEY: &'static [&'static str] = &["row", "seat"];
}

struct Seat;

impl HasRow for Seats {
    type Row = Seat;
}

impl FromRow for Seat {
    type Table = Seats;
    fn select(out: &mut SelectWriter<'_>) {
        out.all();
    }
    fn decode(_: &mut RowReader<'_>) -> std::result::Result<Self, DecodeError> {
        Ok(Self)
    }
}

fn page(ids: impl IntoIterator<Item = i64>) -> Reply {
    let rows: Vec<Value> = ids.into_iter().map(|id| json!({ "id": id, "name": null })).collect();
    Reply::json(StatusCode::OK, Value::from(rows).to_string())
}

/// Not worth another attempt to the client.
fn trouble() -> Reply {
    Reply::json(StatusCode::INTERNAL_SERVER_ERROR, r#"{"code":"XX000","message":"trouble"}"#)
}

fn watching(replies: Vec<Reply>) -> (Bench, Recording) {
    let options = RealtimeOptions::new().backoff(|attempt| Duration::from_secs(u64::from(attempt)));
    let (mut bench, recording) = (bench(options.clone()), Recording::new(replies));
    bench.client = Client::builder("https://example.supabase.co", "sb_publishable_testkey")
        .realtime(options.connector(bench.memory.clone()).clock(clock()))
        .transport(recording.clone())
        .url_limit(1500)
        .build()
        .unwrap();
    (bench, recording)
}

/// Lets the channel of a live query be joined.
async fn confirm(bench: &mut Bench) -> (Server, Value) {
    let mut server = soon(bench.servers.recv()).await.unwrap();
    let topic = server.join().await[2].clone();
    server.say(json!([null, null, topic, "system", { "message": "Subscribed to PostgreSQL", "status": "ok", "extension": "postgres_changes", "channel": "x" }]));
    (server, topic)
}

fn changed(topic: &Value, record: Value) -> Value {
    json!([null, null, topic, "postgres_changes", { "ids": [0], "data": { "schema": "public", "table": "planets", "type": "INSERT", "errors": null, "columns": [], "record": record } }])
}

fn ids(event: &WatchEvent<Planet>) -> Vec<i64> {
    event.rows.iter().map(|row| row.id).collect()
}

#[tokio::test(start_paused = true)]
async fn rows_are_told_when_all_of_them_were_read() {
    let replies = vec![trouble(), page(1..=3), page([]), trouble(), page(2..=4), page([])];
    let (mut bench, recording) = watching(replies);
    let mut rows = bench.client.from(Planets).select(All).watch();
    let first = tokio::spawn(async move { (rows.next().await, rows) });
    let (server, topic) = confirm(&mut bench).await;
    let (first, mut rows) = soon(first).await.unwrap();
    assert!(first.unwrap().is_err());
    // A change does not make one row of what was never read.
    server.say(changed(&topic, json!({ "id": 2 })));
    let event = soon(rows.next()).await.unwrap().unwrap();
    assert_eq!((ids(&event), event.cause), (vec![1, 2, 3], WatchCause::First));

    // What changed while the channel was away is read at last, too.
    drop(server);
    let (server, topic) = confirm(&mut bench).await;
    assert!(soon(rows.next()).await.unwrap().is_err());
    server.say(changed(&topic, json!({ "id": 2 })));
    let event = soon(rows.next()).await.unwrap().unwrap();
    assert_eq!(ids(&event), [2, 3, 4]);
    assert!(matches!(event.cause, WatchCause::Gap(_)), "{:?}", event.cause);
    assert!(recording.sent().iter().all(|sent| !sent.url.contains("id=in.")));
}

#[tokio::test(start_paused = true)]
async fn a_server_in_trouble_is_asked_less_and_less() {
    let mut replies = vec![page(1..=3), page([])];
    replies.extend(std::iter::repeat_with(trouble).take(10));
    replies.push(page([2]));
    let (mut bench, recording) = watching(replies);
    let mut rows = bench.client.from(Planets).select(All).watch();
    let first = tokio::spawn(async move { (rows.next().await, rows) });
    let (server, topic) = confirm(&mut bench).await;
    let (first, mut rows) = soon(first).await.unwrap();
    assert_eq!(first.unwrap().unwrap().rows.len(), 3);
    // The row changes ten times a second.
    let changing = tokio::spawn(async move {
        loop {
            server.say(changed(&topic, json!({ "id": 2 })));
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    });
    let begin = tokio::time::Instant::now();
    let mut errors = 0;
    while soon(rows.next()).await.unwrap().is_err() {
        errors += 1;
        assert!(errors <= 10);
    }
    // Waits of 1, 2, … 10 seconds.
    assert!(begin.elapsed() >= Duration::from_secs(55), "{:?}", begin.elapsed());
    assert_eq!((errors, recording.sent().len()), (10, 2 + 10 + 1));
    changing.abort();
}

#[tokio::test(start_paused = true)]
async fn rows_beyond_the_cap_of_the_server_are_watched() {
    let (mut bench, recording) = watching(vec![page(1..=1000), page(1001..=1200), page([])]);
    let mut rows = bench.client.from(Planets).select(All).watch();
    let first = tokio::spawn(async move { (rows.next().await, rows) });
    let _server = confirm(&mut bench).await;
    let (first, _rows) = soon(first).await.unwrap();
    assert_eq!(ids(&first.unwrap().unwrap()), (1..=1200).collect::<Vec<_>>());
    let asked: Vec<String> = recording.sent().iter().map(|sent| sent.url.clone()).collect();
    assert_eq!(asked.len(), 3);
    assert!(asked[1].contains("id=gt.1000") && asked[2].contains("id=gt.1200"), "{asked:?}");
}

#[tokio::test(start_paused = true)]
async fn more_rows_than_can_be_kept_are_refused_before_they_are_read() {
    let (mut bench, recording) =
        watching((0..20).map(|number| page(number * 1000 + 1..=number * 1000 + 1000)).collect());
    let mut rows = bench.client.from(Planets).select(All).watch();
    let first = tokio::spawn(async move { (rows.next().await, rows) });
    let _server = confirm(&mut bench).await;
    let (first, mut rows) = soon(first).await.unwrap();
    assert_eq!(first.unwrap().unwrap_err().kind(), ErrorKind::Refused);
    assert_eq!(recording.sent().len(), 11);
    assert!(soon(rows.next()).await.is_none());
}

#[tokio::test(start_paused = true)]
async fn rows_that_come_later_count_too() {
    let mut replies: Vec<Reply> = (0..10).map(|number| page(number * 1000 + 1..=number * 1000 + 1000)).collect();
    replies.extend([page([]), page([10_001])]);
    let (mut bench, _recording) = watching(replies);
    let mut rows = bench.client.from(Planets).select(All).watch();
    let first = tokio::spawn(async move { (rows.next().await, rows) });
    let (server, topic) = confirm(&mut bench).await;
    let (first, mut rows) = soon(first).await.unwrap();
    assert_eq!(first.unwrap().unwrap().rows.len(), 10_000);
    server.say(changed(&topic, json!({ "id": 10_001 })));
    assert_eq!(soon(rows.next()).await.unwrap().unwrap_err().kind(), ErrorKind::Refused);
}

#[tokio::test(start_paused = true)]
async fn more_keys_than_a_url_holds_are_read_with_all_others() {
    let seats = |count: i64| {
        let rows: Vec<Value> = (0..count).map(|number| json!({ "row": number, "seat": number })).collect();
        Reply::json(StatusCode::OK, Value::from(rows).to_string())
    };
    let (mut bench, _recording) = watching(vec![seats(3), seats(0), trouble(), seats(90), seats(0)]);
    let mut rows = bench.client.from(Seats).select(All).watch();
    let first = tokio::spawn(async move { (rows.next().await, rows) });
    let (server, topic) = confirm(&mut bench).await;
    let (first, mut rows) = soon(first).await.unwrap();
    assert_eq!(first.unwrap().unwrap().rows.len(), 3);
    for number in 0..90 {
        server.say(changed(&topic, json!({ "row": number, "seat": number })));
    }
    assert!(soon(rows.next()).await.unwrap().is_err());
    let event = soon(rows.next()).await.unwrap().unwrap();
    assert_eq!((event.rows.len(), event.cause), (90, WatchCause::Changed));
}
