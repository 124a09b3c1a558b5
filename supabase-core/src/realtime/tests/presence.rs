//! Being present, and seeing who is.

use super::*;

fn track(room: &Channel, payload: Value) -> tokio::task::JoinHandle<Result<()>> {
    let room = room.clone();
    tokio::spawn(async move { room.track(&payload).await })
}

#[tokio::test(start_paused = true)]
async fn what_was_tracked_before_the_confirmation_is_tracked_again() {
    let mut bench = bench(RealtimeOptions::new());
    let room = bench.client.channel("x");
    let _changes = room.on_any_changes("public", "todos").stream().unwrap();
    room.start().unwrap();
    let mut server = soon(bench.servers.recv()).await.unwrap();
    server.join().await;
    let tracking = track(&room, json!({ "n": 1 }));
    let tracked = server.next().await;
    server.reply(&tracked, "ok", json!({}));
    tracking.await.unwrap().unwrap();
    // The socket dies before the server says that it sends row changes.
    drop(server);
    let mut server = soon(bench.servers.recv()).await.unwrap();
    server.join().await;
    let again = tokio::time::timeout(Duration::from_secs(5), server.next()).await.expect("it is tracked again");
    assert_eq!(again[4], json!({ "type": "presence", "event": "track", "payload": { "n": 1 } }));
}

#[tokio::test(start_paused = true)]
async fn what_is_tracked_while_the_channel_is_away_is_said_once() {
    let mut bench = bench(RealtimeOptions::new());
    let room = bench.client.channel("x");
    room.start().unwrap();
    let mut server = soon(bench.servers.recv()).await.unwrap();
    server.join().await;
    let tracking = track(&room, json!({ "n": 1 }));
    let tracked = server.next().await;
    server.reply(&tracked, "ok", json!({}));
    tracking.await.unwrap().unwrap();
    bench.memory.failures.store(2, Ordering::SeqCst);
    drop(server);
    let mut statuses = Box::pin(room.statuses());
    while soon(statuses.next()).await.unwrap() != ChannelStatus::Joining {}
    let tracking = track(&room, json!({ "n": 2 }));
    let mut server = soon(bench.servers.recv()).await.unwrap();
    server.join().await;
    let tracked = server.next().await;
    assert_eq!(tracked[4]["payload"], json!({ "n": 2 }));
    server.reply(&tracked, "ok", json!({}));
    tracking.await.unwrap().unwrap();
    room.broadcast("e", &1).await.unwrap();
    let next = server.next().await;
    assert!(next["binary"].is_string(), "the server allows five presence calls in half a minute: {next}");
}

#[tokio::test(start_paused = true)]
async fn a_crowded_room_that_nobody_reads_is_kept_once() {
    let mut bench = bench(RealtimeOptions::new());
    let room = bench.client.channel("x");
    let mut streams = [room.on_presence(), room.on_presence(), room.on_presence()];
    room.start().unwrap();
    let mut server = soon(bench.servers.recv()).await.unwrap();
    server.join().await;
    let metas = |reference: String| json!({ "metas": [{ "phx_ref": reference, "name": "somebody" }] });
    let everybody: serde_json::Map<_, _> =
        (0..300).map(|number| (format!("key {number}"), metas(number.to_string()))).collect();
    server.say(json!([null, null, "realtime:x", "presence_state", everybody]));
    for number in 300..600 {
        let joins: serde_json::Map<_, _> = [(format!("key {number}"), metas(number.to_string()))].into_iter().collect();
        server.say(json!([null, null, "realtime:x", "presence_diff", { "joins": joins, "leaves": {} }]));
    }
    while room.presence_state().len() < 600 {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let mut states = Vec::new();
    for stream in &mut streams {
        let (mut joins, mut state) = (0, None);
        while let Ok(Some(event)) = tokio::time::timeout(Duration::from_millis(10), stream.next()).await {
            match event.unwrap() {
                PresenceEvent::Join { .. } => joins += 1,
                PresenceEvent::Sync(now) => assert!(state.replace(now).is_none(), "each state replaces the one before"),
                other => panic!("{other:?}"),
            }
        }
        assert_eq!(joins, 600);
        states.push(state.expect("a state"));
    }
    assert_eq!(*states[0], room.presence_state());
    assert!(states.iter().all(|state| Arc::ptr_eq(state, &states[0])), "there is one state for every stream");
    // What somebody holds stays as it was.
    server.say(json!([null, null, "realtime:x", "presence_diff", { "joins": {}, "leaves": { "key 0": metas("0".to_owned()) } }]));
    while room.presence_state().len() == 600 {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert_eq!(states[0].len(), 600);
}
