//! What happens to our client when the network or the server does not do its part. Every change is told or lies in a
//! gap that is told, no task stays behind, and nothing grows without a bound.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test may fail by panicking

mod common;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, SystemTime};

use common::{Proxy, SCHEMA, STACK, planets, within};
use futures_util::StreamExt;
use serde_json::json;
use supabase_core::query::All;
use supabase_core::realtime::{
    Broadcast, Change, Changes, ChannelStatus, ConnectionState, Gap, Overflow, RealtimeOptions, WatchCause,
};
use supabase_core::transport::{BoxFuture, Http, HttpRequest, HttpResponse, RetryPolicy, Transport};
use supabase_core::{Client, Error, ErrorKind};
use supabase_local::{Database, Stack};

/// Notices a dead socket within half a second, and is back soon.
fn quick() -> RealtimeOptions {
    RealtimeOptions::new()
        .backoff(|_| Duration::from_millis(30))
        .heartbeat(Duration::from_millis(200), Duration::from_millis(300))
        .connect_deadline(Duration::from_secs(1))
}

fn client(url: &str, database: &Database, options: RealtimeOptions) -> Client {
    Client::builder(url, database.anon_key()).realtime(options).build().unwrap()
}

/// What was written, and what was heard of it.
#[derive(Default)]
struct Ledger {
    /// When each row was about to be inserted, and when it was there.
    written: BTreeMap<i64, (SystemTime, SystemTime)>,
    told: BTreeSet<i64>,
    gaps: Vec<Gap>,
}

impl Ledger {
    async fn write(&mut self, database: &Database, ids: std::ops::Range<i64>) {
        let before = SystemTime::now();
        let sql = format!(
            "insert into planets (id, name) select n, 'x' from generate_series({}, {}) as n",
            ids.start,
            ids.end - 1
        );
        database.sql(sql).await.unwrap();
        let times = (before, SystemTime::now());
        self.written.extend(ids.map(|id| (id, times)));
    }

    /// Hears until a row that was written last is told.
    async fn hear(&mut self, changes: &mut Changes<planets::Row>, last: i64) {
        within(async {
            while !self.told.contains(&last) {
                match changes.next().await.unwrap().unwrap() {
                    Change::Insert { new, .. } => assert!(self.told.insert(new.id), "{} was told twice", new.id),
                    Change::Gap(gap) => {
                        assert!(gap.since <= gap.until);
                        self.gaps.push(gap);
                    }
                    other => panic!("{other:?}"),
                }
            }
        })
        .await;
    }

    /// How many rows lie in a gap; panics when one was lost without a word.
    fn missed(&self) -> usize {
        let missing = self.written.iter().filter(|(id, _)| !self.told.contains(id));
        let silent: Vec<_> = missing
            .clone()
            .filter(|(_, (before, after))| !self.gaps.iter().any(|gap| gap.since <= *after && *before <= gap.until))
            .collect();
        assert!(silent.is_empty(), "lost without a word: {silent:?} outside of {:?}", self.gaps);
        missing.count()
    }
}

#[tokio::test]
async fn every_change_is_told_or_lies_in_a_gap() {
    let stack = STACK.get().await.unwrap();
    let database = stack.database().await.unwrap();
    let proxy = Proxy::start(database.url()).await;
    let supabase = client(&proxy.url(), &database, quick());
    let channel = supabase.channel("sky").presence_key("me");
    let mut changes = channel.on_changes(planets::Table).stream().unwrap();
    channel.subscribe().await.unwrap();
    channel.track(&json!({ "here": true })).await.unwrap();
    let mut ledger = Ledger::default();
    let mut missed = 0;
    // What ends the socket, and what it has to bear.
    let ends = ["cut", "black hole", "cut mid-frame", "long stall", "nobody listens"];
    for (round, fault) in ends.into_iter().chain(["short stall", "delay"]).enumerate() {
        let base = i64::try_from(round * 100).unwrap();
        ledger.write(&database, base..base + 10).await;
        ledger.hear(&mut changes, base + 9).await;
        let gaps = ledger.gaps.len();
        match fault {
            "cut" => proxy.cut(),
            "black hole" => proxy.black_hole(),
            "cut mid-frame" => proxy.cut_mid_frame(),
            "long stall" => proxy.stall(Duration::from_millis(900)),
            "nobody listens" => proxy.down(),
            "short stall" => proxy.stall(Duration::from_millis(100)),
            _ => proxy.delay(Duration::from_millis(20)),
        }
        ledger.write(&database, base + 10..base + 20).await;
        match fault {
            "black hole" => {
                tokio::time::sleep(Duration::from_millis(700)).await;
                proxy.restore();
            }
            "nobody listens" => {
                tokio::time::sleep(Duration::from_millis(200)).await;
                assert!(!matches!(supabase.realtime().state(), ConnectionState::Connected));
                proxy.up().await;
            }
            _ => {}
        }
        if ends.contains(&fault) {
            // It is back when a row that is written then is told.
            within(async {
                let mut statuses = Box::pin(channel.statuses());
                let mut left = proxy.connections() > round + 1;
                while let Some(status) = statuses.next().await {
                    left |= status != ChannelStatus::Joined || proxy.connections() > round + 1;
                    if left && status == ChannelStatus::Joined {
                        break;
                    }
                }
            })
            .await;
        }
        ledger.write(&database, base + 20..base + 21).await;
        ledger.hear(&mut changes, base + 20).await;
        let (now_missed, new_gaps) = (ledger.missed(), ledger.gaps.len() - gaps);
        println!("{fault}: {} of 21 rows told, {new_gaps} gaps", 21 - (now_missed - missed));
        assert_eq!(new_gaps > 0, ends.contains(&fault), "{fault}");
        missed = now_missed;
    }
    assert!(missed > 0, "the faults were none");
    // Present again, too.
    within(async {
        while !channel.presence_state().contains_key("me") {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    })
    .await;
}

#[tokio::test]
async fn a_server_that_restarts_is_found_again() {
    // A stack on a port of its own, which ends, and another one in its place.
    let cluster = STACK.get().await.unwrap().cluster();
    let port = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port();
    let start = async || Stack::builder().cluster(cluster).sql(SCHEMA).port(port).start().await.unwrap();
    let first = start().await;
    let supabase = client(first.url(), &first, quick());
    let channel = supabase.channel("sky");
    let mut changes = channel.on_changes(planets::Table).stream().unwrap();
    channel.subscribe().await.unwrap();
    let mut ledger = Ledger::default();
    ledger.write(&first, 0..10).await;
    ledger.hear(&mut changes, 9).await;
    let mut states = Box::pin(supabase.realtime().states());
    first.stop().await.unwrap();
    within(async { while states.next().await.unwrap() == ConnectionState::Connected {} }).await;
    let refused = supabase.channel("other").http_broadcast("e").json(&1).await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Offline, "{refused}");
    let second = start().await;
    ledger.write(&second, 10..20).await;
    within(async { while states.next().await.unwrap() != ConnectionState::Connected {} }).await;
    let mut statuses = Box::pin(channel.statuses());
    within(async { while statuses.next().await.unwrap() != ChannelStatus::Joined {} }).await;
    ledger.write(&second, 20..30).await;
    ledger.hear(&mut changes, 29).await;
    assert_eq!(ledger.gaps.len(), 1);
    let missed = ledger.missed();
    println!("restart: {} of 30 rows told, {missed} in the gap", 30 - missed);
    second.stop().await.unwrap();
}

#[tokio::test]
async fn a_token_that_expires_offline_is_replaced_before_the_channel_is_joined() {
    let stack = STACK.get().await.unwrap();
    let database = Arc::new(stack.database().await.unwrap());
    let proxy = Proxy::start(database.url()).await;
    let asked = Arc::new(AtomicUsize::new(0));
    let (given, source) = (asked.clone(), database.clone());
    // Good for two seconds each.
    let options = quick().access_token(move || {
        given.fetch_add(1, Ordering::SeqCst);
        let expires = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs() + 2;
        let token = source.jwt_with(&json!({ "role": "authenticated", "exp": expires }));
        async move { Ok::<_, std::io::Error>(Some(token)) }
    });
    let supabase = client(&proxy.url(), &database, options);
    let channel = supabase.channel("sky");
    let mut changes = channel.on_changes(planets::Table).stream().unwrap();
    let mut system = channel.on_system();
    channel.subscribe().await.unwrap();
    let mut ledger = Ledger::default();
    ledger.write(&database, 0..10).await;
    ledger.hear(&mut changes, 9).await;
    proxy.down();
    let before = asked.load(Ordering::SeqCst);
    ledger.write(&database, 10..20).await;
    tokio::time::sleep(Duration::from_millis(3_200)).await;
    proxy.up().await;
    let mut statuses = Box::pin(channel.statuses());
    within(async { while statuses.next().await.unwrap() != ChannelStatus::Joined {} }).await;
    ledger.write(&database, 20..30).await;
    ledger.hear(&mut changes, 29).await;
    assert_eq!((ledger.missed(), ledger.gaps.len()), (10, 1));
    assert!(asked.load(Ordering::SeqCst) > before, "the token was not asked for again");
    // It stays good while the channel is open, with every heartbeat, and the server never said otherwise.
    tokio::time::sleep(Duration::from_millis(2_500)).await;
    ledger.write(&database, 30..40).await;
    ledger.hear(&mut changes, 39).await;
    drop((supabase, channel, changes));
    while let Some(message) = within(system.next()).await {
        let message = message.unwrap();
        assert_eq!(message.status, "ok", "{message:?}");
        if message.message.starts_with("Subscribed") && asked.load(Ordering::SeqCst) > before {
            break;
        }
    }
}

#[tokio::test]
async fn a_join_that_is_refused_is_joined_when_it_is_allowed() {
    let stack = STACK.get().await.unwrap();
    let database = stack.database().await.unwrap();
    let supabase = client(database.url(), &database, quick());
    let room = supabase.channel("later").private(true);
    let mut messages = room.on_broadcasts();
    let error = within(room.subscribe()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::PermissionDenied, "{error}");
    assert!(within(messages.next()).await.unwrap().is_err());
    // Who insists is told why it takes so long.
    let mut messages = room.on_broadcasts();
    room.start().unwrap();
    let mut statuses = Box::pin(room.statuses());
    within(async {
        while !matches!(statuses.next().await.unwrap(), ChannelStatus::Waiting { reason, .. } if reason.starts_with("Unauthorized")) {}
    })
    .await;
    database
        .sql("create policy later on realtime.messages for select to anon using (realtime.topic() = 'later')")
        .await
        .unwrap();
    within(async { while statuses.next().await.unwrap() != ChannelStatus::Joined {} }).await;
    database.sql("select realtime.send('{\"n\":1}', 'news', 'later')").await.unwrap();
    let item = within(messages.next()).await.unwrap().unwrap();
    assert_eq!(item.message().unwrap().json::<serde_json::Value>().unwrap()["n"], 1);
}

/// Reads over HTTP fail while it says so; the socket is another matter.
#[derive(Clone)]
struct Failing {
    http: Arc<Http>,
    fails: Arc<AtomicBool>,
}

impl Transport for Failing {
    fn send(&self, request: HttpRequest) -> BoxFuture<'static, supabase_core::Result<HttpResponse>> {
        if self.fails.load(Ordering::SeqCst) {
            let why = std::io::Error::other("no route");
            return Box::pin(std::future::ready(Err(Error::of_transport(ErrorKind::Offline, why))));
        }
        self.http.send(request)
    }
}

#[tokio::test]
async fn a_live_query_reads_again_until_it_has_read_what_it_missed() {
    let stack = STACK.get().await.unwrap();
    let database = stack.database().await.unwrap();
    database.sql("insert into planets (id, name) values (1, 'a'), (2, 'b')").await.unwrap();
    let proxy = Proxy::start(database.url()).await;
    let transport = Failing { http: Arc::new(Http::new()), fails: Arc::new(AtomicBool::new(true)) };
    let supabase = Client::builder(&proxy.url(), database.anon_key())
        .realtime(quick())
        .transport(transport.clone())
        .retry(RetryPolicy::none())
        .build()
        .unwrap();
    let mut rows = supabase.from(planets::Table).select(All).watch();
    // It cannot be read at first.
    assert_eq!(within(rows.next()).await.unwrap().unwrap_err().kind(), ErrorKind::Offline);
    transport.fails.store(false, Ordering::SeqCst);
    let event = within(async {
        loop {
            if let Ok(event) = rows.next().await.unwrap() {
                break event;
            }
        }
    })
    .await;
    assert_eq!((event.rows.len(), event.cause), (2, WatchCause::First));
    // What changes while the socket is cut cannot be read either, for a while, and nothing else changes then.
    transport.fails.store(true, Ordering::SeqCst);
    proxy.down();
    database.sql("delete from planets where id = 1; update planets set name = 'c' where id = 2").await.unwrap();
    proxy.up().await;
    assert_eq!(within(rows.next()).await.unwrap().unwrap_err().kind(), ErrorKind::Offline);
    transport.fails.store(false, Ordering::SeqCst);
    let event = within(async {
        loop {
            if let Ok(event) = rows.next().await.unwrap() {
                break event;
            }
        }
    })
    .await;
    assert_eq!(event.rows.iter().map(|row| (row.id, &*row.name)).collect::<Vec<_>>(), [(2, "c")]);
    assert!(matches!(event.cause, WatchCause::Gap(_)), "{:?}", event.cause);
}

#[tokio::test]
async fn no_task_stays_behind() {
    let stack = STACK.get().await.unwrap();
    let database = stack.database().await.unwrap();
    let proxy = Proxy::start(database.url()).await;
    let tasks = || tokio::runtime::Handle::current().metrics().num_alive_tasks();
    let before = tasks();
    let mut kept = Vec::new();
    for number in 0..20 {
        let supabase = client(&proxy.url(), &database, quick());
        let channel = supabase.channel(&format!("c{number}"));
        let stream = channel.on_broadcasts();
        channel.subscribe().await.unwrap();
        // Which of the handles is the last one must not matter.
        match number % 3 {
            0 => kept.push((Some(supabase), None, None)),
            1 => kept.push((None, Some(channel), None)),
            _ => kept.push((None, None, Some(stream))),
        }
    }
    let during = tasks();
    proxy.cut();
    tokio::time::sleep(Duration::from_millis(50)).await;
    // Some go while they are connected, some while they are not.
    kept.truncate(10);
    proxy.black_hole();
    tokio::time::sleep(Duration::from_millis(400)).await;
    drop(kept);
    proxy.cut();
    within(async {
        while tasks() > before || proxy.open() > 0 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    })
    .await;
    println!("{before} tasks before, {during} with 20 clients and their connections, {} after", tasks());
    assert!(during >= before + 20);
}

#[tokio::test]
async fn slow_readers_are_told_what_they_missed() {
    const MESSAGES: usize = 10_000;
    let stack = STACK.get().await.unwrap();
    let database = stack.database().await.unwrap();
    let (from, to) = (
        Client::new(database.url(), database.anon_key()).unwrap(),
        Client::new(database.url(), database.anon_key()).unwrap(),
    );
    let room = to.channel("burst");
    let mut fast = room.clone().buffer(20_000, Overflow::DropOldest).on_broadcasts();
    let mut slow = room.clone().buffer(100, Overflow::DropOldest).on_broadcasts();
    let mut strict = room.clone().buffer(100, Overflow::Error).on_broadcasts();
    room.subscribe().await.unwrap();
    let sender = from.channel("burst");
    sender.subscribe().await.unwrap();
    let sending = tokio::spawn(async move {
        for number in 0..MESSAGES {
            sender.broadcast("n", &number).await.unwrap();
        }
        sender
    });
    for number in 0..MESSAGES {
        let item = within(fast.next()).await.unwrap().unwrap();
        assert_eq!(item.message().expect("nothing was dropped").json::<usize>().unwrap(), number);
    }
    let sender = sending.await.unwrap();
    let Some(Ok(Broadcast::Lagged(lagged))) = within(slow.next()).await else { panic!("nothing was said") };
    assert_eq!(lagged, 9_900);
    assert_eq!(within(slow.next()).await.unwrap().unwrap().message().unwrap().json::<usize>().unwrap(), 9_900);
    for _ in 0..100 {
        within(strict.next()).await.unwrap().unwrap();
    }
    assert_eq!(within(strict.next()).await.unwrap().unwrap_err().kind(), ErrorKind::Refused);
    assert!(within(strict.next()).await.is_none());

    // With `Block` nothing is dropped, however slow the reader.
    drop((fast, slow, strict));
    let mut blocking = room.clone().buffer(10, Overflow::Block).on_broadcasts();
    let sending = tokio::spawn(async move {
        for number in 0..2_000 {
            sender.broadcast("n", &number).await.unwrap();
        }
        sender
    });
    tokio::time::sleep(Duration::from_millis(300)).await;
    for number in 0..2_000 {
        assert_eq!(within(blocking.next()).await.unwrap().unwrap().message().unwrap().json::<usize>().unwrap(), number);
    }
    drop(sending.await.unwrap());
}

#[tokio::test]
async fn two_hundred_channels_share_a_socket() {
    let stack = STACK.get().await.unwrap();
    let database = stack.database().await.unwrap();
    let proxy = Proxy::start(database.url()).await;
    let supabase = Client::builder(&proxy.url(), database.anon_key())
        .realtime(RealtimeOptions::new().backoff(|_| Duration::from_millis(30)))
        .build()
        .unwrap();
    let channels: Vec<_> = (0..200).map(|number| supabase.channel(&format!("c{number}")).receive_own(true)).collect();
    let mut streams: Vec<_> = channels.iter().map(|channel| channel.on_broadcasts()).collect();
    let all: Vec<_> = channels.iter().map(|channel| channel.subscribe()).collect();
    for joined in within(futures_util::future::join_all(all)).await {
        joined.unwrap();
    }
    assert_eq!(proxy.connections(), 1);
    proxy.cut();
    for stream in &mut streams {
        assert!(matches!(within(stream.next()).await, Some(Ok(Broadcast::Gap(_)))));
    }
    assert_eq!(proxy.connections(), 2);
    for (channel, stream) in channels.iter().zip(&mut streams) {
        channel.broadcast("n", channel.topic()).await.unwrap();
        let item = within(stream.next()).await.unwrap().unwrap();
        assert_eq!(item.message().unwrap().json::<String>().unwrap(), channel.topic());
    }
    assert_eq!(supabase.realtime().channels().len(), 200);
}
