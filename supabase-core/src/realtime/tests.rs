//! The actor over memory, in simulated time.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test may fail by panicking

mod presence;
mod shared;
mod signed_out;
mod slow_reader;
mod watch;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::sync::mpsc;

use super::*;
use crate::ErrorKind;
use crate::error::Error;
use crate::transport::BoxFuture;

/// The server's end of a socket.
struct Server {
    url: String,
    to: mpsc::UnboundedSender<Result<Message>>,
    from: mpsc::UnboundedReceiver<Message>,
}

impl Server {
    async fn frame(&mut self) -> Value {
        self.frame_or_end().await.expect("the client is there")
    }

    async fn frame_or_end(&mut self) -> Option<Value> {
        Some(match self.from.recv().await? {
            Message::Text(text) => serde_json::from_str(&text).unwrap(),
            Message::Binary(bytes) => json!({ "binary": URL_SAFE_NO_PAD.encode(bytes) }),
            Message::Close(_) => json!("close"),
        })
    }

    /// The next frame that is no heartbeat; those are answered.
    async fn next(&mut self) -> Value {
        loop {
            let frame = self.frame().await;
            if frame[2] != "phoenix" {
                return frame;
            }
            self.say(json!([null, frame[1], "phoenix", "phx_reply", { "status": "ok", "response": {} }]));
        }
    }

    fn say(&self, frame: Value) {
        let _ = self.to.send(Ok(Message::Text(frame.to_string())));
    }

    fn reply(&self, to: &Value, status: &str, response: Value) {
        self.say(json!([to[0], to[1], to[2], "phx_reply", { "status": status, "response": response }]));
    }

    async fn join(&mut self) -> Value {
        let join = self.next().await;
        assert_eq!(join[3], "phx_join", "{join}");
        let asked = join[4]["config"]["postgres_changes"].as_array().unwrap().clone();
        let confirmed: Vec<Value> = asked
            .into_iter()
            .enumerate()
            .map(|(at, mut one)| {
                one["id"] = json!(at);
                one
            })
            .collect();
        self.reply(&join, "ok", json!({ "postgres_changes": confirmed }));
        join
    }
}

/// What comes within ten simulated minutes.
async fn soon<T>(future: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(600), future).await.expect("it comes")
}

#[derive(Clone)]
struct Memory {
    servers: mpsc::UnboundedSender<Server>,
    /// How often connecting fails before it works.
    failures: Arc<AtomicUsize>,
    open: Arc<AtomicUsize>,
}

struct Guard(Arc<AtomicUsize>);
impl Drop for Guard {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

impl Connector for Memory {
    fn connect(&self, request: ConnectRequest) -> BoxFuture<'static, Result<BoxSocket>> {
        let this = self.clone();
        Box::pin(async move {
            if this.failures.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1)).is_ok() {
                return Err(Error::new(ErrorKind::Offline, "no route"));
            }
            let (to, incoming) = mpsc::unbounded_channel();
            let (outgoing, from) = mpsc::unbounded_channel();
            this.open.fetch_add(1, Ordering::SeqCst);
            let guard = Guard(this.open.clone());
            let incoming = futures_util::stream::unfold((incoming, guard), |(mut incoming, guard)| async move {
                Some((incoming.recv().await?, (incoming, guard)))
            });
            let outgoing =
                futures_util::sink::unfold(outgoing, |outgoing: mpsc::UnboundedSender<Message>, message| async move {
                    let _ = outgoing.send(message);
                    Ok::<_, Error>(outgoing)
                });
            this.servers.send(Server { url: request.url, to, from }).unwrap();
            Ok(Box::pin(Joined { incoming: Box::pin(incoming), outgoing: Box::pin(outgoing) }) as BoxSocket)
        })
    }
}

struct Joined<I, O> {
    incoming: std::pin::Pin<Box<I>>,
    outgoing: std::pin::Pin<Box<O>>,
}

impl<I: Stream, O> Stream for Joined<I, O> {
    type Item = I::Item;
    fn poll_next(
        mut self: std::pin::Pin<&mut Self>,
        context: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<I::Item>> {
        self.incoming.poll_next_unpin(context)
    }
}

impl<I, O: futures_util::Sink<Message, Error = Error>> futures_util::Sink<Message> for Joined<I, O> {
    type Error = Error;
    fn poll_ready(
        mut self: std::pin::Pin<&mut Self>,
        context: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Result<()>> {
        self.outgoing.poll_ready_unpin(context)
    }
    fn start_send(mut self: std::pin::Pin<&mut Self>, message: Message) -> Result<()> {
        self.outgoing.start_send_unpin(message)
    }
    fn poll_flush(
        mut self: std::pin::Pin<&mut Self>,
        context: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Result<()>> {
        self.outgoing.poll_flush_unpin(context)
    }
    fn poll_close(
        mut self: std::pin::Pin<&mut Self>,
        context: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Result<()>> {
        self.outgoing.poll_close_unpin(context)
    }
}

struct Bench {
    client: Client,
    servers: mpsc::UnboundedReceiver<Server>,
    memory: Memory,
}

/// A clock that goes with the simulated time.
fn clock() -> impl Fn() -> SystemTime + Send + Sync + Clone + 'static {
    let (start, now) = (SystemTime::UNIX_EPOCH + Duration::from_secs(2_000_000_000), tokio::time::Instant::now());
    move || start + now.elapsed()
}

fn bench(options: RealtimeOptions) -> Bench {
    let (sender, servers) = mpsc::unbounded_channel();
    let memory = Memory { servers: sender, failures: Arc::default(), open: Arc::default() };
    let client = Client::builder("https://example.supabase.co", "sb_publishable_testkey")
        .realtime(options.connector(memory.clone()).clock(clock()))
        .build()
        .unwrap();
    Bench { client, servers, memory }
}

fn jwt(expires: SystemTime, number: usize) -> String {
    let exp = expires.duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs();
    format!("x.{}.y{number}", URL_SAFE_NO_PAD.encode(json!({ "exp": exp, "role": "anon" }).to_string()))
}

#[tokio::test(start_paused = true)]
async fn the_frames_are_the_recorded_ones() {
    let mut bench = bench(RealtimeOptions::new());
    let since = SystemTime::UNIX_EPOCH + Duration::from_millis(1_700_000_000_000);
    let room = bench
        .client
        .channel("room1")
        .ack(true)
        .receive_own(true)
        .private(true)
        .presence_key("user-1")
        .replay(since, 10);
    let mut changes = room
        .on_any_changes("public", "todos")
        .filter("name=eq.\"a,\\\"b\\\"\",id=in.(1,2)")
        .select(["id", "name"])
        .stream()
        .unwrap();
    bench.client.realtime().set_auth("user-jwt");
    let subscribing = tokio::spawn({
        let room = room.clone();
        async move { room.subscribe().await }
    });
    let mut server = bench.servers.recv().await.unwrap();
    assert_eq!(server.url, "wss://example.supabase.co/realtime/v1/websocket?apikey=sb_publishable_testkey&vsn=2.0.0");
    let join = server.join().await;
    let recorded = json!({"config": {"broadcast": {"ack": true, "self": true, "replay": {"since": 1_700_000_000_000_u64, "limit": 10}}, "presence": {"key": "user-1", "enabled": true}, "postgres_changes": [{"event": "*", "schema": "public", "table": "todos", "filter": "name=eq.\"a,\\\"b\\\"\",id=in.(1,2)", "select": ["id", "name"]}], "private": true}, "access_token": "user-jwt"});
    assert_eq!(join[4], recorded);
    assert_eq!(join[0], join[1]);
    tokio::time::sleep(Duration::from_millis(10)).await;
    assert!(!subscribing.is_finished(), "subscribing waits for the confirmation");
    server.say(json!([null, null, "realtime:room1", "system", { "message": "Subscribed to PostgreSQL", "status": "ok", "extension": "postgres_changes", "channel": "room1" }]));
    subscribing.await.unwrap().unwrap();
    server.say(json!([null, null, "realtime:room1", "postgres_changes", { "ids": [0], "data": { "schema": "public", "table": "todos", "commit_timestamp": "2024-01-01T00:00:00.000Z", "type": "INSERT", "errors": null, "columns": [{ "name": "id", "type": "int8" }], "record": { "id": 9_007_199_254_740_993_i64 } } }]));
    let AnyChange::Row(row) = changes.next().await.unwrap().unwrap() else { panic!("a row") };
    assert_eq!(row.new.get_by_name::<i64>("id").unwrap(), Cell::Value(9_007_199_254_740_993));

    let tracking = tokio::spawn({
        let room = room.clone();
        async move { room.track(&json!({ "name": "ann" })).await }
    });
    let track = server.next().await;
    assert_eq!(track[4], json!({ "type": "presence", "event": "track", "payload": { "name": "ann" } }));
    server.reply(&track, "ok", json!({}));
    tracking.await.unwrap().unwrap();
    bench.client.realtime().set_auth("new-jwt");
    let token = server.next().await;
    assert_eq!((&token[3], &token[4]), (&json!("access_token"), &json!({ "access_token": "new-jwt" })));
    let leaving = tokio::spawn({
        let room = room.clone();
        async move { room.unsubscribe().await }
    });
    let leave = server.next().await;
    assert_eq!((&leave[3], &leave[4]), (&json!("phx_leave"), &json!({})));
    server.reply(&leave, "ok", json!({}));
    leaving.await.unwrap().unwrap();
    assert!(changes.next().await.is_none());
}

#[tokio::test(start_paused = true)]
async fn a_day_passes() {
    let tokens = Arc::new(AtomicUsize::new(0));
    let now = clock();
    let (asked, at) = (tokens.clone(), now.clone());
    let mut bench = bench(RealtimeOptions::new().access_token(move || {
        let number = asked.fetch_add(1, Ordering::SeqCst);
        // Each is good for an hour from the hour that it was asked for in.
        let hour = at().duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs() / 3500;
        let token = jwt(SystemTime::UNIX_EPOCH + Duration::from_secs((hour + 1) * 3500 + 60), 0);
        let _ = number;
        async move { Ok::<_, std::io::Error>(Some(token)) }
    }));
    let room = bench.client.channel("day");
    let mut messages = room.on_broadcasts();
    room.start().unwrap();
    // Somebody says a number every seven seconds, whether anybody is there to hear it or not.
    let said = Arc::new(Mutex::new(Vec::new()));
    let there: Arc<Mutex<Option<mpsc::UnboundedSender<Result<Message>>>>> = Arc::default();
    let (speaking, listener, at) = (said.clone(), there.clone(), now.clone());
    let speaker = tokio::spawn(async move {
        for number in 0_usize.. {
            tokio::time::sleep(Duration::from_secs(7)).await;
            speaking.lock().unwrap().push(at());
            let payload = json!({ "type": "broadcast", "event": "n", "payload": number });
            let frame = json!([null, null, "realtime:day", "broadcast", payload]).to_string();
            if let Some(to) = &*listener.lock().unwrap() {
                let _ = to.send(Ok(Message::Text(frame)));
            }
        }
    });
    let log = Arc::new(Mutex::new((0_usize, 0_usize, Vec::<String>::new())));
    let seen = log.clone();
    let (ended, check) = (Arc::new(AtomicUsize::new(0)), now.clone());
    let (connections, joined) = (ended.clone(), there.clone());
    tokio::spawn(async move {
        // Every socket dies after some time, each in its own way; three in ten by silence.
        let mut number = 0_u64;
        while let Some(mut server) = bench.servers.recv().await {
            number += 1;
            connections.fetch_add(1, Ordering::SeqCst);
            let life = Duration::from_secs(60 + number * 7919 % 5400);
            let silent = number % 10 < 3;
            let _ = tokio::time::timeout(life, async {
                while let Some(frame) = server.frame_or_end().await {
                    match frame[3].as_str() {
                        Some("phx_join") => {
                            server.reply(&frame, "ok", json!({ "postgres_changes": [] }));
                            *joined.lock().unwrap() = Some(server.to.clone());
                            seen.lock().unwrap().1 += 1;
                            let token = frame[4]["access_token"].as_str().unwrap().to_owned();
                            assert!(token::expiry(&token).unwrap() > check(), "joined with an expired token");
                        }
                        Some("access_token") => {
                            let token = frame[4]["access_token"].as_str().unwrap().to_owned();
                            assert!(token::expiry(&token).unwrap() > check());
                            seen.lock().unwrap().2.push(token);
                        }
                        Some("heartbeat") => {
                            seen.lock().unwrap().0 += 1;
                            server.reply(&frame, "ok", json!({}));
                        }
                        _ => {}
                    }
                }
            })
            .await;
            *joined.lock().unwrap() = None;
            if silent {
                // Half-open: the other end is gone without a word.
                tokio::spawn(async move {
                    while server.from.recv().await.is_some() {}
                    drop(server.to)
                });
            }
        }
    });
    let day = tokio::time::Instant::now() + Duration::from_secs(24 * 3600);
    let mut gaps: Vec<Gap> = Vec::new();
    let mut heard = std::collections::BTreeSet::new();
    let mut last = SystemTime::UNIX_EPOCH;
    while let Ok(Some(item)) = tokio::time::timeout_at(day, messages.next()).await {
        let gap = match item.unwrap() {
            Broadcast::Message(message) => {
                assert!(heard.insert(message.json::<usize>().unwrap()), "a number was heard twice");
                continue;
            }
            Broadcast::Gap(gap) => gap,
            other => panic!("{other:?}"),
        };
        assert!(last <= gap.since && gap.since <= gap.until);
        // Heartbeat, its deadline, the longest wait, and a little.
        assert!(gap.until.duration_since(gap.since).unwrap() < Duration::from_secs(25 + 10 + 25 + 31 + 10));
        last = gap.until;
        gaps.push(gap);
    }
    speaker.abort();
    let said = said.lock().unwrap().clone();
    let lost: Vec<usize> = (0..said.len()).filter(|number| !heard.contains(number)).collect();
    // The last ones may have been said to a socket whose end is not noticed yet.
    let open = now() - Duration::from_secs(25 + 10 + 10);
    for number in &lost {
        let at = said[*number];
        let known = gaps.iter().any(|gap| gap.since <= at && at <= gap.until);
        assert!(known || at > open, "number {number}, said at {at:?}, was lost without a word");
    }
    let (heartbeats, joins, renewed) = {
        let log = log.lock().unwrap();
        (log.0, log.1, log.2.len())
    };
    println!(
        "24 h: {} sockets, {joins} joins, {} gaps, {heartbeats} heartbeats, {renewed} tokens renewed on a socket; of {} \
         messages {} were heard and {} lie in the gaps",
        ended.load(Ordering::SeqCst),
        gaps.len(),
        said.len(),
        heard.len(),
        lost.len()
    );
    assert!(joins >= 24 && gaps.len() + 1 >= joins && heartbeats > 2000 && renewed >= 10);
    assert!(heard.len() > 10_000 && lost.len() > 20);
    // Nothing stays behind.
    assert!(bench.memory.open.load(Ordering::SeqCst) <= 1);
    drop((messages, room));
    drop(bench.client);
    tokio::time::sleep(Duration::from_secs(5)).await;
    assert_eq!(bench.memory.open.load(Ordering::SeqCst), 0, "the actor has ended and its socket with it");
}

#[tokio::test(start_paused = true)]
async fn a_refused_join_is_said_and_may_be_tried_again() {
    let mut bench = bench(RealtimeOptions::new());
    let room = bench.client.channel("x");
    let subscribe = |room: &Channel| {
        tokio::spawn({
            let room = room.clone();
            async move { room.subscribe().await }
        })
    };
    let first = subscribe(&room);
    let mut server = bench.servers.recv().await.unwrap();
    let join = server.next().await;
    server.reply(
        &join,
        "error",
        json!({ "reason": "Unauthorized: You do not have permissions to read from this Channel topic: x" }),
    );
    let error = first.await.unwrap().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::PermissionDenied);
    assert!(matches!(room.status(), ChannelStatus::Closed(CloseReason::Refused(_))));
    let again = subscribe(&room);
    server.join().await;
    again.await.unwrap().unwrap();
    // Once it was there, it comes back by itself, however often it is refused meanwhile.
    server.say(json!([null, null, "realtime:x", "system", { "message": "Token has expired 3 seconds ago", "status": "error", "extension": "system", "channel": "x" }]));
    server.say(json!([null, null, "realtime:x", "phx_close", {}]));
    let join = server.next().await;
    assert_eq!(room.status(), ChannelStatus::Joining);
    let before = tokio::time::Instant::now();
    server.reply(&join, "error", json!({ "reason": "ChannelRateLimitReached: Too many channels" }));
    let mut statuses = Box::pin(room.statuses());
    while !matches!(statuses.next().await.unwrap(), ChannelStatus::Waiting { reason, .. } if reason.starts_with("ChannelRate"))
    {
    }
    server.join().await;
    assert!(before.elapsed() >= Duration::from_secs(30));
    while statuses.next().await.unwrap() != ChannelStatus::Joined {}
}

#[tokio::test(start_paused = true)]
async fn an_unreachable_server_is_tried_for_ever_and_with_growing_waits() {
    let waits = Arc::new(Mutex::new(Vec::new()));
    let kept = waits.clone();
    let mut bench = bench(RealtimeOptions::new().backoff(move |attempt| {
        kept.lock().unwrap().push(attempt);
        Duration::from_secs(u64::from(attempt.min(30)))
    }));
    bench.memory.failures.store(200, Ordering::SeqCst);
    let room = bench.client.channel("x");
    room.start().unwrap();
    let mut server = bench.servers.recv().await.unwrap();
    server.join().await;
    assert_eq!(*waits.lock().unwrap(), (1..=200).collect::<Vec<u32>>());
    // A join that is not answered, and a reply that never comes.
    let mut statuses = Box::pin(room.statuses());
    while statuses.next().await.unwrap() != ChannelStatus::Joined {}
    assert_eq!(room.track(&json!({})).await.unwrap_err().kind(), ErrorKind::Timeout);
}

#[tokio::test(start_paused = true)]
async fn an_idle_socket_is_closed_and_opened_again() {
    let mut bench = bench(RealtimeOptions::new());
    let room = bench.client.channel("x");
    room.start().unwrap();
    let mut server = bench.servers.recv().await.unwrap();
    server.join().await;
    drop(room);
    assert_eq!(server.next().await[3], "phx_leave");
    let left = tokio::time::Instant::now();
    while server.next().await != json!("close") {}
    assert_eq!(left.elapsed().as_secs(), 50);
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(bench.client.realtime().state(), ConnectionState::Disconnected);
    let room = bench.client.channel("y");
    room.start().unwrap();
    let mut server = bench.servers.recv().await.unwrap();
    assert_eq!(server.join().await[2], "realtime:y");
    bench.client.realtime().disconnect().await;
    while server.next().await != json!("close") {}
    tokio::time::sleep(Duration::from_secs(600)).await;
    assert!(bench.servers.try_recv().is_err(), "nothing connects before it is asked to");
    tokio::spawn({
        let realtime = bench.client.realtime();
        async move { realtime.connect().await }
    });
    let mut server = bench.servers.recv().await.unwrap();
    assert_eq!(server.join().await[2], "realtime:y");
}

#[tokio::test(start_paused = true)]
async fn changes_that_stop_on_a_living_channel_are_a_gap() {
    let mut bench = bench(RealtimeOptions::new());
    let system = |status: &str, message: &str| json!([null, null, "realtime:x", "system", { "message": message, "status": status, "extension": "postgres_changes", "channel": "x" }]);
    let room = bench.client.channel("x");
    let mut changes = room.on_any_changes("public", "todos").stream().unwrap();
    room.start().unwrap();
    let mut server = bench.servers.recv().await.unwrap();
    server.join().await;
    server.say(system("ok", "Subscribed to PostgreSQL"));
    let mut statuses = Box::pin(room.statuses());
    while statuses.next().await.unwrap() != ChannelStatus::Joined {}
    server.say(system("error", "the slot is gone"));
    while !matches!(statuses.next().await.unwrap(), ChannelStatus::Waiting { reason, .. } if reason == "the slot is gone")
    {
    }
    // The server comes back by itself the first time, and does not the second time.
    server.say(system("ok", "Subscribed to PostgreSQL"));
    assert!(matches!(changes.next().await.unwrap().unwrap(), AnyChange::Gap(_)));
    server.say(system("error", "again"));
    assert_eq!(server.next().await[3], "phx_leave");
    server.join().await;
    server.say(system("ok", "Subscribed to PostgreSQL"));
    assert!(matches!(changes.next().await.unwrap().unwrap(), AnyChange::Gap(_)));
    assert_eq!(room.status(), ChannelStatus::Joined);
}

#[tokio::test(start_paused = true)]
async fn a_token_that_is_set_while_another_is_fetched_is_not_forgotten() {
    let mut bench = bench(RealtimeOptions::new().access_token(|| async {
        tokio::time::sleep(Duration::from_secs(2)).await;
        Ok::<_, std::io::Error>(Some("slow".to_owned()))
    }));
    let room = bench.client.channel("x");
    room.start().unwrap();
    let mut server = bench.servers.recv().await.unwrap();
    tokio::time::sleep(Duration::from_secs(1)).await;
    bench.client.realtime().set_auth("mine");
    assert_eq!(server.join().await[4]["access_token"], "mine");
    // It stays, whatever the callback says, until it is given back.
    tokio::time::sleep(Duration::from_secs(5)).await;
    bench.client.realtime().set_auth(None);
    assert_eq!(server.next().await[4]["access_token"], "slow");
}

#[tokio::test(start_paused = true)]
async fn a_broadcast_that_is_kept_says_so_beside_its_payload() {
    let mut bench = bench(RealtimeOptions::new());
    let room = bench.client.channel("x").private(true);
    room.start().unwrap();
    let mut server = bench.servers.recv().await.unwrap();
    server.join().await;
    room.broadcast_persisted("e", &json!(1), Duration::from_secs(60)).await.unwrap();
    room.broadcast_persisted("e", &json!(1), None).await.unwrap();
    for meta in ["{\"persist\":{\"ttl\":60}}", "{\"persist\":true}"] {
        let frame = URL_SAFE_NO_PAD.decode(server.next().await["binary"].as_str().unwrap()).unwrap();
        assert_eq!((frame[0], usize::from(frame[5]), frame[6]), (3, meta.len(), 1));
        assert!(String::from_utf8(frame).unwrap().ends_with(&format!("e{meta}1")));
    }
    let public = bench.client.channel("y");
    public.start().unwrap();
    let error = public.broadcast_persisted("e", &json!(1), None).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Refused);
    assert!(error.to_string().contains("`.private(true)`"), "{error}");
    let error = public.http_broadcast("e").persist(None).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Refused);
}

#[tokio::test(start_paused = true)]
async fn a_logger_is_told_what_matters_to_it() {
    let lines = Arc::new(Mutex::new(Vec::new()));
    let log = lines.clone();
    let options = RealtimeOptions::new()
        .backoff(|_| Duration::from_secs(1))
        .logger(Severity::Info, move |event| log.lock().unwrap().push(event.to_string()));
    let mut bench = bench(options);
    let room = bench.client.channel("x");
    room.start().unwrap();
    let mut server = bench.servers.recv().await.unwrap();
    server.join().await;
    server.say(json!([null, null, "realtime:x", "phx_error", {}]));
    server.join().await;
    // A heartbeat after 25 seconds, and its deadline ten seconds later.
    tokio::time::sleep(Duration::from_secs(35)).await;
    drop(server);
    let mut server = bench.servers.recv().await.unwrap();
    server.join().await;
    let mut statuses = Box::pin(room.statuses());
    while statuses.next().await.unwrap() != ChannelStatus::Joined {}
    // Nobody answers.
    assert_eq!(room.unsubscribe().await.unwrap_err().kind(), ErrorKind::Timeout);
    let wanted = [
        "the socket is open",
        "channel `x`: joined",
        "channel `x`: lost (the channel failed on the server), asked for again after 1s",
        "channel `x`: joined",
        "a heartbeat was not answered in time",
        "the socket ended: a heartbeat was not answered in time",
        "the socket is open",
        "channel `x`: joined",
        "channel `x`: the channel was left",
    ];
    assert_eq!(*lines.lock().unwrap(), wanted);
}
