//! A channel that several want: what one of them is told does not end it for the others.

use std::sync::atomic::AtomicBool;

use super::*;

/// Subscribes in a task of its own.
fn subscribe(room: &Channel) -> tokio::task::JoinHandle<Result<()>> {
    let room = room.clone();
    tokio::spawn(async move { room.subscribe().await })
}

async fn until(room: &Channel, wanted: impl Fn(&ChannelStatus) -> bool) {
    let mut statuses = Box::pin(room.statuses());
    while !wanted(&soon(statuses.next()).await.expect("the channel is there")) {}
}

fn is_gap(item: Option<Result<Broadcast>>) -> bool {
    matches!(item, Some(Ok(Broadcast::Gap(_))))
}

#[tokio::test(start_paused = true)]
async fn giving_up_a_second_subscription_leaves_the_first_alone() {
    let mut bench = bench(RealtimeOptions::new());
    let room = bench.client.channel("room");
    let mut messages = room.on_broadcasts();
    let first = subscribe(&room);
    let mut server = soon(bench.servers.recv()).await.unwrap();
    server.join().await;
    first.await.unwrap().unwrap();

    bench.memory.failures.store(usize::MAX, Ordering::SeqCst);
    drop(server);
    until(&room, |status| *status == ChannelStatus::Joining).await;
    let error = subscribe(&bench.client.channel("room")).await.unwrap().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);
    assert_eq!(room.status(), ChannelStatus::Joining);
    bench.memory.failures.store(0, Ordering::SeqCst);
    let mut server = soon(bench.servers.recv()).await.unwrap();
    server.join().await;
    assert!(is_gap(soon(messages.next()).await));
}

#[tokio::test(start_paused = true)]
async fn who_still_waits_is_not_given_up_with_who_does_not() {
    let mut bench = bench(RealtimeOptions::new());
    bench.memory.failures.store(usize::MAX, Ordering::SeqCst);
    let room = bench.client.channel("room");
    let first = subscribe(&room);
    tokio::time::sleep(Duration::from_secs(30)).await;
    let second = subscribe(&room);
    assert_eq!(first.await.unwrap().unwrap_err().kind(), ErrorKind::Timeout);
    bench.memory.failures.store(0, Ordering::SeqCst);
    soon(bench.servers.recv()).await.unwrap().join().await;
    second.await.unwrap().unwrap();

    // With the last of them the channel is given up.
    bench.memory.failures.store(usize::MAX, Ordering::SeqCst);
    let other = bench.client.channel("other");
    assert_eq!(subscribe(&other).await.unwrap().unwrap_err().kind(), ErrorKind::Timeout);
    until(&other, |status| *status == ChannelStatus::Closed(CloseReason::Left)).await;
}

#[tokio::test(start_paused = true)]
async fn a_token_that_cannot_be_had_ends_no_channel_that_was_there() {
    let broken = Arc::new(AtomicBool::new(false));
    let asked = broken.clone();
    let mut bench = bench(RealtimeOptions::new().access_token(move || {
        let broken = asked.load(Ordering::SeqCst);
        async move { if broken { Err(std::io::Error::other("no answer")) } else { Ok(Some("token".to_owned())) } }
    }));
    let room = bench.client.channel("room");
    let mut messages = room.on_broadcasts();
    let first = subscribe(&room);
    let mut server = soon(bench.servers.recv()).await.unwrap();
    server.join().await;
    first.await.unwrap().unwrap();

    broken.store(true, Ordering::SeqCst);
    drop(server);
    until(&room, |status| *status == ChannelStatus::Joining).await;
    let error = subscribe(&room).await.unwrap().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unauthenticated);
    // A channel that nobody had is over, as before.
    let other = bench.client.channel("other");
    assert_eq!(subscribe(&other).await.unwrap().unwrap_err().kind(), ErrorKind::Unauthenticated);
    assert!(matches!(other.status(), ChannelStatus::Closed(CloseReason::Refused(_))));
    broken.store(false, Ordering::SeqCst);
    let mut server = soon(bench.servers.recv()).await.unwrap();
    server.join().await;
    assert!(is_gap(soon(messages.next()).await));
}

/// Refuses sockets while it is told to.
struct Doorkeeper(Memory, Arc<AtomicBool>);

impl Connector for Doorkeeper {
    fn connect(&self, request: ConnectRequest) -> BoxFuture<'static, Result<BoxSocket>> {
        if self.1.load(Ordering::SeqCst) {
            return Box::pin(async { Err(Error::new(ErrorKind::PermissionDenied, "not today")) });
        }
        self.0.connect(request)
    }
}

#[tokio::test(start_paused = true)]
async fn a_socket_that_is_refused_ends_no_channel_that_was_there() {
    let (closed, mut bench) = (Arc::new(AtomicBool::new(false)), bench(RealtimeOptions::new()));
    let connector = Doorkeeper(bench.memory.clone(), closed.clone());
    bench.client = Client::builder("https://example.supabase.co", "sb_publishable_testkey")
        .realtime(RealtimeOptions::new().connector(connector).clock(clock()))
        .build()
        .unwrap();
    let room = bench.client.channel("room");
    let mut messages = room.on_broadcasts();
    let first = subscribe(&room);
    let mut server = soon(bench.servers.recv()).await.unwrap();
    server.join().await;
    first.await.unwrap().unwrap();

    closed.store(true, Ordering::SeqCst);
    drop(server);
    until(&room, |status| *status == ChannelStatus::Joining).await;
    assert_eq!(subscribe(&room).await.unwrap().unwrap_err().kind(), ErrorKind::PermissionDenied);
    closed.store(false, Ordering::SeqCst);
    let mut server = soon(bench.servers.recv()).await.unwrap();
    server.join().await;
    assert!(is_gap(soon(messages.next()).await));
}

#[tokio::test(start_paused = true)]
async fn changes_that_the_server_cannot_send_yet_end_no_channel_that_was_there() {
    let mut bench = bench(RealtimeOptions::new());
    let system = |status: &str, message: &str| json!([null, null, "realtime:x", "system", { "message": message, "status": status, "extension": "postgres_changes", "channel": "x" }]);
    let room = bench.client.channel("x");
    let mut changes = room.on_any_changes("public", "todos").stream().unwrap();
    let first = subscribe(&room);
    let mut server = soon(bench.servers.recv()).await.unwrap();
    server.join().await;
    server.say(system("ok", "Subscribed to PostgreSQL"));
    first.await.unwrap().unwrap();

    drop(server);
    let mut server = soon(bench.servers.recv()).await.unwrap();
    server.join().await;
    let second = subscribe(&room);
    tokio::time::sleep(Duration::from_secs(1)).await;
    server.say(system("error", "the pool is exhausted"));
    let error = second.await.unwrap().unwrap_err();
    assert!(error.to_string().contains("the pool is exhausted"), "{error}");
    // The server goes on trying, and so does the channel.
    server.say(system("ok", "Subscribed to PostgreSQL"));
    assert!(matches!(soon(changes.next()).await, Some(Ok(AnyChange::Gap(_)))));
    assert_eq!(room.status(), ChannelStatus::Joined);
}

#[tokio::test(start_paused = true)]
async fn what_was_started_is_tried_whatever_a_subscription_is_told() {
    let mut bench = bench(RealtimeOptions::new());
    let room = bench.client.channel("x");
    let mut messages = room.on_broadcasts();
    room.start().unwrap();
    let mut server = soon(bench.servers.recv()).await.unwrap();
    let refused = json!({ "reason": "Unauthorized: You do not have permissions to read from this Channel topic: x" });
    let join = server.next().await;
    server.reply(&join, "error", refused.clone());
    until(&room, |status| matches!(status, ChannelStatus::Waiting { .. })).await;
    let second = subscribe(&room);
    let join = server.next().await;
    server.reply(&join, "error", refused);
    assert_eq!(second.await.unwrap().unwrap_err().kind(), ErrorKind::PermissionDenied);
    server.join().await;
    until(&room, |status| *status == ChannelStatus::Joined).await;
    server.say(json!([null, null, "realtime:x", "broadcast", { "type": "broadcast", "event": "e", "payload": 1 }]));
    assert!(matches!(soon(messages.next()).await, Some(Ok(Broadcast::Message(_)))));
}

#[tokio::test(start_paused = true)]
async fn disconnecting_ends_the_wait_for_a_connection() {
    let bench = bench(RealtimeOptions::new());
    bench.memory.failures.store(usize::MAX, Ordering::SeqCst);
    let realtime = bench.client.realtime();
    let connecting = tokio::spawn({
        let realtime = realtime.clone();
        async move { realtime.connect().await }
    });
    tokio::time::sleep(Duration::from_secs(5)).await;
    realtime.disconnect().await;
    let connected = soon(connecting).await;
    assert_eq!(connected.unwrap().unwrap_err().kind(), ErrorKind::Offline);
}
