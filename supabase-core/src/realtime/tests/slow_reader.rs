//! `Overflow::Block`: what the server answered lies behind what nobody has read yet.

use super::*;

fn message(number: usize) -> Value {
    json!([null, null, "realtime:slow", "broadcast", { "type": "broadcast", "event": "n", "payload": number }])
}

#[tokio::test(start_paused = true)]
async fn answers_that_lie_unread_are_not_missing() {
    let mut bench = bench(RealtimeOptions::new().buffer(1, Overflow::Block));
    let room = bench.client.channel("slow");
    let mut messages = room.on_broadcasts();
    let mut events = Box::pin(bench.client.realtime().events());
    room.start().unwrap();
    let mut server = soon(bench.servers.recv()).await.unwrap();
    server.join().await;
    let mut statuses = Box::pin(room.statuses());
    while soon(statuses.next()).await.unwrap() != ChannelStatus::Joined {}
    // A minute and a half of reading, at once.
    for number in 0..900 {
        server.say(message(number));
    }
    let other = bench.client.channel("other");
    other.start().unwrap();
    let saying = tokio::spawn({
        let room = room.clone();
        async move { room.track(&json!({})).await }
    });
    let answering = tokio::spawn(async move {
        let (mut heartbeats, mut joins) = (0, 0);
        while let Some(frame) = server.frame_or_end().await {
            match frame[3].as_str() {
                Some("heartbeat") => heartbeats += 1,
                Some("phx_join") => joins += 1,
                _ => {}
            }
            server.reply(&frame, "ok", json!({ "postgres_changes": [] }));
        }
        (heartbeats, joins)
    });
    for number in 0..900 {
        tokio::time::sleep(Duration::from_millis(100)).await;
        let item = soon(messages.next()).await.unwrap().unwrap();
        assert_eq!(item.message().expect("no gap").json::<usize>().unwrap(), number);
    }
    soon(saying).await.unwrap().unwrap();
    let mut statuses = Box::pin(other.statuses());
    while soon(statuses.next()).await.unwrap() != ChannelStatus::Joined {}
    tokio::time::sleep(Duration::from_secs(60)).await;
    assert!(bench.servers.try_recv().is_err(), "the socket was living all the time");
    drop((messages, room, other));
    drop(bench.client);
    let (heartbeats, joins) = answering.await.unwrap();
    assert_eq!(joins, 1);
    // The server wants to hear us once a minute.
    assert!(heartbeats >= 5, "{heartbeats} heartbeats");
    while let Some(event) = events.next().await {
        assert_ne!(event, RealtimeEvent::HeartbeatMissed);
    }
}

#[tokio::test(start_paused = true)]
async fn a_socket_that_is_dead_behind_the_backlog_is_noticed() {
    let mut bench = bench(RealtimeOptions::new().buffer(1, Overflow::Block));
    let room = bench.client.channel("slow");
    let mut messages = room.on_broadcasts();
    room.start().unwrap();
    let mut server = soon(bench.servers.recv()).await.unwrap();
    server.join().await;
    for number in 0..600 {
        server.say(message(number));
    }
    for _ in 0..600 {
        tokio::time::sleep(Duration::from_millis(100)).await;
        assert!(soon(messages.next()).await.unwrap().unwrap().message().is_some());
    }
    let read = tokio::time::Instant::now();
    // A heartbeat, and its deadline.
    let mut next = soon(bench.servers.recv()).await.unwrap();
    assert!(read.elapsed() <= Duration::from_secs(25 + 10 + 2), "{:?}", read.elapsed());
    next.join().await;
    assert!(matches!(soon(messages.next()).await, Some(Ok(Broadcast::Gap(_)))));
    drop(server);
}

#[tokio::test(start_paused = true)]
async fn who_waits_for_a_reply_instead_of_reading_is_told() {
    let mut bench = bench(RealtimeOptions::new().buffer(1, Overflow::Block));
    let room = bench.client.channel("slow").ack(true);
    let mut messages = room.on_broadcasts();
    room.start().unwrap();
    let mut server = soon(bench.servers.recv()).await.unwrap();
    server.join().await;
    for number in 0..3 {
        server.say(message(number));
    }
    soon(messages.next()).await.unwrap().unwrap();
    let begin = tokio::time::Instant::now();
    // The reply cannot be read before the next message is, and nobody reads it meanwhile.
    let error = room.broadcast("e", &1).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);
    assert!(error.to_string().contains("Overflow::Block"), "{error}");
    assert!(begin.elapsed() <= Duration::from_secs(20), "{:?}", begin.elapsed());
}
