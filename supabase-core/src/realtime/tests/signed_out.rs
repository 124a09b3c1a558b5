//! What becomes of channels when the user signs out and only an opaque key is left.

use super::*;

#[tokio::test(start_paused = true)]
async fn channels_are_joined_again_without_the_user() {
    let mut bench = bench(RealtimeOptions::new());
    let realtime = bench.client.realtime();
    realtime.set_auth("user-jwt");
    let room = bench.client.channel("room").private(true);
    let mut messages = room.on_broadcasts();
    let subscribing = tokio::spawn({
        let room = room.clone();
        async move { room.subscribe().await }
    });
    let mut server = soon(bench.servers.recv()).await.unwrap();
    let first = server.join().await;
    assert_eq!(first[4]["access_token"], "user-jwt");
    subscribing.await.unwrap().unwrap();
    // Something is under way meanwhile, on this channel and on one that is being joined.
    let saying = tokio::spawn({
        let room = room.clone();
        async move { room.track(&json!({})).await }
    });
    let said = server.next().await;
    let other = bench.client.channel("other");
    other.start().unwrap();
    let joining = server.next().await;

    realtime.set_auth(None);
    let leaves = [server.next().await, server.next().await];
    assert!(leaves.iter().all(|leave| leave[3] == "phx_leave"), "{leaves:?}");
    assert_eq!([&leaves[0][0], &leaves[1][0]], [&first[0], &joining[0]]);
    server.reply(&said, "ok", json!({}));
    server.reply(&joining, "ok", json!({ "postgres_changes": [] }));
    for leave in &leaves {
        server.reply(leave, "ok", json!({}));
        server.say(json!([leave[0], leave[0], leave[2], "phx_close", {}]));
    }
    soon(saying).await.unwrap().unwrap();
    for (topic, before) in [("realtime:room", &first), ("realtime:other", &joining)] {
        let join = server.join().await;
        assert_eq!((&join[2], &join[4]["access_token"]), (&json!(topic), &json!("sb_publishable_testkey")));
        assert_ne!(join[0], before[0]);
    }
    assert_eq!(server.next().await[3], "presence", "what is tracked is tracked again");
    assert!(matches!(soon(messages.next()).await, Some(Ok(Broadcast::Gap(_)))));
    assert_eq!(room.status(), ChannelStatus::Joined);
    assert_eq!(other.status(), ChannelStatus::Joined);

    // A user who signs in is told on the channel, as ever.
    realtime.set_auth("next-jwt");
    for _ in 0..2 {
        let told = server.next().await;
        assert_eq!((&told[3], &told[4]), (&json!("access_token"), &json!({ "access_token": "next-jwt" })));
    }
}
