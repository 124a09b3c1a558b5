//! Our client against the realtime service of the local stack.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test may fail by panicking

mod common;

use std::time::{Duration, SystemTime};

use common::{Proxy, STACK, planets, within};
use futures_util::StreamExt;
use serde_json::json;
use supabase_core::prelude::*;
use supabase_core::query::All;
use supabase_core::realtime::{
    AnyChange, Broadcast, Cell, Change, ChangeKind, ChannelStatus, ConnectionState, PresenceEvent, RealtimeOptions,
    Version, WatchCause,
};
use supabase_core::{Client, ErrorKind};

#[tokio::test]
async fn broadcasts_of_text_and_bytes_reach_both_versions() {
    let stack = STACK.get().await.unwrap();
    let database = stack.database().await.unwrap();
    let two = Client::new(database.url(), database.anon_key()).unwrap();
    let one = Client::builder(database.url(), database.publishable_key())
        .realtime(RealtimeOptions::new().version(Version::V1))
        .build()
        .unwrap();
    let (a, b) = (two.channel("room é").ack(true).receive_own(true), one.channel("room é").ack(true));
    let (mut at_a, mut at_b) = (a.on_broadcasts(), b.on_broadcast("hello"));
    a.subscribe().await.unwrap();
    b.subscribe().await.unwrap();
    assert_eq!(a.status(), ChannelStatus::Joined);

    a.broadcast("hello", &json!({ "from": "ä" })).await.unwrap();
    b.broadcast("bye", &json!([1, 2])).await.unwrap();
    a.broadcast_bytes("raw", vec![0, 255]).await.unwrap();
    assert_eq!(b.broadcast_bytes("raw", vec![0]).await.unwrap_err().kind(), ErrorKind::Refused);
    a.http_broadcast("hello").json(&json!({ "over": "http" })).await.unwrap();

    let message = |item: Option<supabase_core::Result<Broadcast>>| match item {
        Some(Ok(Broadcast::Message(message))) => message,
        other => panic!("{other:?}"),
    };
    let mut heard = Vec::new();
    for _ in 0..4 {
        heard.push(message(within(at_a.next()).await).event.clone());
    }
    heard.sort();
    assert_eq!(heard, ["bye", "hello", "hello", "raw"]);
    assert_eq!(message(within(at_b.next()).await).json::<serde_json::Value>().unwrap(), json!({ "from": "ä" }));
    let http = message(within(at_b.next()).await);
    assert_eq!(http.json::<serde_json::Value>().unwrap(), json!({ "over": "http" }));
    assert!(http.id.is_some());

    // From the database, in a public channel.
    database.sql("select realtime.send('{\"n\":1}', 'hello', 'room é', false)").await.unwrap();
    assert_eq!(message(within(at_b.next()).await).json::<serde_json::Value>().unwrap()["n"], 1);

    // One channel per topic, and it is left with its last handle.
    assert_eq!(two.realtime().channels().len(), 1);
    assert_eq!(two.channel("room é").status(), ChannelStatus::Joined);
    two.realtime().remove_all_channels().await.unwrap();
    assert!(two.realtime().channels().is_empty());
    while let Some(item) = within(at_a.next()).await {
        item.unwrap();
    }
}

#[tokio::test]
async fn presence_is_the_same_for_everybody() {
    let stack = STACK.get().await.unwrap();
    let database = stack.database().await.unwrap();
    let clients: Vec<Client> = (0..3).map(|_| Client::new(database.url(), database.anon_key()).unwrap()).collect();
    let mut rooms = Vec::new();
    for (client, key) in clients.iter().zip(["ann", "bob", "ann"]) {
        let room = client.channel("lobby").presence_key(key);
        let events = room.on_presence();
        room.subscribe().await.unwrap();
        rooms.push((room, events));
    }
    rooms[0].0.track(&json!({ "n": 1 })).await.unwrap();
    rooms[1].0.track(&json!({ "n": 2 })).await.unwrap();
    rooms[2].0.track(&json!({ "n": 3 })).await.unwrap();
    rooms[0].0.track(&json!({ "n": 4 })).await.unwrap();
    rooms[1].0.untrack().await.unwrap();
    assert_eq!(rooms[0].0.track(&[1]).await.unwrap_err().kind(), ErrorKind::Refused);
    for (room, events) in &mut rooms {
        within(async {
            while let Some(event) = events.next().await {
                let PresenceEvent::Sync(state) = event.unwrap() else { continue };
                let mut numbers: Vec<i64> =
                    state.values().flatten().map(|one| one.payload["n"].as_i64().unwrap()).collect();
                numbers.sort_unstable();
                if numbers == [3, 4] && state.len() == 1 {
                    break;
                }
            }
        })
        .await;
        assert_eq!(room.presence_state()["ann"].len(), 2);
    }
    // A client that is gone is present no more.
    let (gone, _events) = rooms.remove(2);
    drop((gone, _events));
    let (room, events) = &mut rooms[0];
    within(async {
        while room.presence_state()["ann"].len() != 1 {
            events.next().await.unwrap().unwrap();
        }
    })
    .await;
}

#[tokio::test]
async fn row_changes_are_typed_and_filtered() {
    let stack = STACK.get().await.unwrap();
    let database = stack.database().await.unwrap();
    let supabase = Client::new(database.url(), database.anon_key()).unwrap();
    let channel = supabase.channel("sky");
    let mut large = channel.on_changes(planets::Table).filter(planets::radius.gt(5000.0)).stream().unwrap();
    let mut same = channel.on_changes(planets::Table).filter(planets::radius.gt(5000.0)).stream().unwrap();
    let mut named = channel
        .on_changes(planets::Table)
        .only(ChangeKind::Insert)
        .filter(planets::name.eq("a,\"b\""))
        .stream()
        .unwrap();
    let mut any = channel.on_any_changes("public", None).stream().unwrap();
    assert!(channel.on_changes(planets::Table).filter(planets::name.like("x*y%")).stream().is_ok());
    assert!(channel.on_changes(planets::Table).filter(supabase_core::any([planets::id.eq(1)])).stream().is_err());
    channel.subscribe().await.unwrap();
    assert_eq!(channel.on_any_changes("public", "moons").stream().unwrap_err().kind(), ErrorKind::Refused);

    database
        .sql("insert into planets values (1, 'Earth', 6371, '\\x00ff', '{a,b}'), (2, 'Mars', 3389, null, null), (3, 'a,\"b\"', null, null, null)")
        .await
        .unwrap();
    database.sql("update planets set name = 'Terra' where id = 1").await.unwrap();
    database.sql("delete from planets where id = 2").await.unwrap();

    for stream in [&mut large, &mut same] {
        let Some(Ok(Change::Insert { new, at, .. })) = within(stream.next()).await else { panic!("no insert") };
        assert_eq!((new.id, &*new.name, new.radius), (1, "Earth", Some(6371.0)));
        assert_eq!(&new.map.as_ref().unwrap().0[..], [0, 255]);
        assert_eq!(new.tags.as_deref(), Some(&["a".to_owned(), "b".to_owned()][..]));
        assert!(at.is_some());
        let Some(Ok(Change::Update { old, new, .. })) = within(stream.next()).await else { panic!("no update") };
        assert_eq!(new.name, "Terra");
        assert_eq!(old.get(planets::id).unwrap(), Cell::Value(1));
        assert_eq!(old.get(planets::name).unwrap(), Cell::Absent);
        // Deletes cannot be filtered.
        let Some(Ok(Change::Delete { old, .. })) = within(stream.next()).await else { panic!("no delete") };
        assert_eq!(old.get(planets::id).unwrap(), Cell::Value(2));
    }
    let Some(Ok(Change::Insert { new, .. })) = within(named.next()).await else { panic!("no insert") };
    assert_eq!((new.id, new.radius), (3, None));
    let mut kinds = Vec::new();
    for _ in 0..5 {
        let Some(Ok(AnyChange::Row(row))) = within(any.next()).await else { panic!("no row") };
        kinds.push((row.table.clone(), row.kind));
    }
    assert_eq!(kinds.iter().filter(|(_, kind)| *kind == ChangeKind::Insert).count(), 3);

    // A table that is not published: the server says so, and the stream is over.
    let error = supabase.channel("hidden").on_any_changes("public", "hidden").subscribe().await.unwrap_err();
    assert!(error.to_string().contains("Please check Realtime is enabled"), "{error}");
}

#[tokio::test]
async fn row_level_security_decides_who_sees_what() {
    let stack = STACK.get().await.unwrap();
    let database = stack.database().await.unwrap();
    let (ann, bob) = ("11111111-1111-4111-8111-111111111111", "22222222-2222-4222-8222-222222222222");
    let base = Client::new(database.url(), database.anon_key()).unwrap();
    let mut streams = Vec::new();
    for user in [ann, bob] {
        let client = base.as_user(&database.jwt_for(user, "authenticated"));
        let stream = client.channel("notes").on_any_changes("public", "notes").subscribe().await.unwrap();
        streams.push((client, stream));
    }
    database.sql(format!("insert into notes values (1, '{ann}', 'a', 'x'), (2, '{bob}', 'b', 'y')")).await.unwrap();
    for ((_, stream), id) in streams.iter_mut().zip([1, 2]) {
        let Some(Ok(AnyChange::Row(row))) = within(stream.next()).await else { panic!("no row") };
        assert_eq!((row.kind, row.new.get_by_name::<i64>("id").unwrap()), (ChangeKind::Insert, Cell::Value(id)));
        // A column that the role may not select.
        assert_eq!(row.new.get_by_name::<String>("secret").unwrap(), Cell::Absent);
    }
    database.sql("delete from notes").await.unwrap();
    for (_, stream) in &mut streams {
        for deleted in [1, 2] {
            let Some(Ok(AnyChange::Row(row))) = within(stream.next()).await else { panic!("no row") };
            assert_eq!(
                (row.kind, row.old.get_by_name::<i64>("id").unwrap()),
                (ChangeKind::Delete, Cell::Value(deleted))
            );
            assert_eq!(row.old.names().collect::<Vec<_>>(), ["id"]);
        }
    }
}

#[tokio::test]
async fn private_channels_follow_their_policies_and_replay() {
    let stack = STACK.get().await.unwrap();
    let database = stack.database().await.unwrap();
    let user = "33333333-3333-4333-8333-333333333333";
    let base = Client::new(database.url(), database.anon_key()).unwrap();
    let stranger = base.channel("staff").private(true);
    let error = stranger.subscribe().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::PermissionDenied, "{error}");
    assert!(error.to_string().contains("You do not have permissions to read from this Channel topic: staff"));

    database
        .sql("select realtime.send(jsonb_build_object('n', n), 'news', 'staff') from generate_series(1, 3) as n")
        .await
        .unwrap();
    let member = base.as_user(&database.jwt_for(user, "authenticated"));
    let room = member.channel("staff").private(true).replay(SystemTime::now() - Duration::from_secs(60), 2);
    let mut news = room.on_broadcast("news");
    room.subscribe().await.unwrap();
    for _ in 0..2 {
        let item = within(news.next()).await.unwrap().unwrap();
        let message = item.message().unwrap();
        assert!(message.replayed && message.id.is_some());
    }
    database.sql("select realtime.send('{\"n\":4}', 'news', 'staff')").await.unwrap();
    let item = within(news.next()).await.unwrap().unwrap();
    assert!(!item.message().unwrap().replayed);
    // The same name in public is another channel.
    let public = base.channel("staff").private(false);
    drop(public);

    // The token is replaced by one that expired: the channel is lost, noticed, and back with a good one.
    let mut statuses = Box::pin(room.statuses());
    member.realtime().set_auth(&*database.jwt_with(&json!({ "role": "authenticated", "sub": user, "exp": 1 })));
    within(async { while !matches!(statuses.next().await.unwrap(), ChannelStatus::Waiting { .. }) {} }).await;
    member.realtime().set_auth(None);
    within(async { while statuses.next().await.unwrap() != ChannelStatus::Joined {} }).await;
    assert!(matches!(within(news.next()).await, Some(Ok(Broadcast::Gap(_) | Broadcast::Message(_)))));
}

#[tokio::test]
async fn a_live_query_follows_its_rows() {
    let stack = STACK.get().await.unwrap();
    let database = stack.database().await.unwrap();
    database
        .sql("insert into planets values (1, 'Earth', 6371, null, null), (2, 'Mars', 3389, null, null)")
        .await
        .unwrap();
    let proxy = Proxy::start(database.url()).await;
    let supabase = Client::builder(&proxy.url(), database.anon_key())
        .realtime(RealtimeOptions::new().backoff(|_| Duration::from_millis(50)))
        .build()
        .unwrap();
    let mut all = supabase.from(planets::Table).select(All).gt(planets::radius, 1000.0).watch();
    let mut page = supabase.from(planets::Table).select(All).order(planets::radius.desc()).limit(1).watch();
    let mut ids = async |rows: &[i64], cause: Option<WatchCause>| {
        within(async {
            loop {
                let event = all.next().await.unwrap().unwrap();
                let now: Vec<i64> = event.rows.iter().map(|row| row.id).collect();
                if now == rows && cause.as_ref().is_none_or(|cause| *cause == event.cause) {
                    break event.cause;
                }
            }
        })
        .await
    };
    ids(&[1, 2], Some(WatchCause::First)).await;
    let first = within(page.next()).await.unwrap().unwrap();
    assert_eq!(first.rows[0].id, 1);
    database
        .sql("insert into planets values (3, 'Venus', 6051, null, null), (4, 'Pebble', 1, null, null)")
        .await
        .unwrap();
    ids(&[1, 2, 3], Some(WatchCause::Changed)).await;
    // A row that leaves the filter leaves the rows; one whose key changes is followed.
    database.sql("update planets set radius = 10 where id = 2; update planets set id = 30 where id = 3; delete from planets where id = 4").await.unwrap();
    ids(&[1, 30], None).await;
    database.sql("insert into planets values (5, 'Jupiter', 69911, null, null)").await.unwrap();
    within(async { while page.next().await.unwrap().unwrap().rows[0].id != 5 {} }).await;
    ids(&[1, 30, 5], None).await;

    // What happens while the socket is cut is read after the gap.
    proxy.cut();
    database.sql("delete from planets where id = 30").await.unwrap();
    let cause = ids(&[1, 5], None).await;
    assert!(matches!(cause, WatchCause::Gap(_)), "{cause:?}");
}

#[tokio::test]
async fn a_wrong_key_is_said_at_once() {
    let stack = STACK.get().await.unwrap();
    let database = stack.database().await.unwrap();
    let supabase = Client::new(database.url(), "wrong").unwrap();
    let error = within(supabase.channel("x").subscribe()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unauthenticated, "{error}");
    assert!(error.to_string().contains("not a valid JWT"), "{error}");
    let error = within(supabase.realtime().connect()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unauthenticated);
}

#[tokio::test]
async fn a_broadcast_that_is_kept_is_replayed() {
    let stack = STACK.get().await.unwrap();
    let database = stack.database().await.unwrap();
    database.sql("create policy say on realtime.messages for insert to authenticated with check (true)").await.unwrap();
    let base = Client::new(database.url(), database.anon_key()).unwrap();
    let user = "33333333-3333-4333-8333-333333333333";
    let from = base.as_user(&database.jwt_for(user, "authenticated"));
    let room = from.channel("staff").private(true).ack(true);
    room.subscribe().await.unwrap();
    let before = SystemTime::now() - Duration::from_secs(1);
    room.broadcast("n", &0).await.unwrap();
    room.broadcast_persisted("n", &json!({ "n": 1 }), None).await.unwrap();
    room.broadcast_persisted("n", &json!({ "n": 2 }), Duration::ZERO).await.unwrap();
    room.http_broadcast("n").bytes(vec![0, 255]).persist(Duration::from_secs(60)).await.unwrap();
    database.sql("select realtime.send('{\"n\":4}', 'n', 'staff')").await.unwrap();

    // Only what was kept, and whose time is not over.
    let to = base.as_user(&database.jwt_for(user, "authenticated"));
    let room = to.channel("staff").private(true).replay(before, None);
    let mut heard = room.on_broadcasts();
    room.subscribe().await.unwrap();
    let mut bodies = Vec::new();
    for _ in 0..3 {
        let item = within(heard.next()).await.unwrap().unwrap();
        let message = item.message().unwrap();
        assert!(message.replayed && message.id.is_some(), "{message:?}");
        bodies.push(if message.is_binary() {
            json!(message.bytes().to_vec())
        } else {
            message.json::<serde_json::Value>().unwrap()["n"].clone()
        });
    }
    assert_eq!(bodies, [json!(1), json!([0, 255]), json!(4)]);
}

#[tokio::test]
async fn limits_are_told_and_got_over() {
    let stack = STACK.get().await.unwrap();
    let database = stack.database().await.unwrap();
    let client = || {
        let options = RealtimeOptions::new().backoff(|_| Duration::from_millis(50));
        Client::builder(database.url(), database.anon_key()).realtime(options).build().unwrap()
    };
    // One channel of a socket too many.
    let supabase = client();
    database.configure_realtime(|settings| settings.max_channels_per_socket = Some(1));
    let room = supabase.channel("room").presence_key("me").ack(true);
    let mut heard = room.on_broadcasts();
    room.subscribe().await.unwrap();
    let error = within(supabase.channel("other").subscribe()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::RateLimited, "{error}");

    // One track too many: the channel is closed, joined again, and what was tracked last is there.
    database.configure_realtime(|settings| settings.max_presence_calls = Some(2));
    for number in 0..2 {
        room.track(&json!({ "number": number })).await.unwrap();
    }
    assert!(room.track(&json!({ "number": 2 })).await.is_err());
    assert!(matches!(within(heard.next()).await, Some(Ok(Broadcast::Gap(_)))));
    within(async {
        while room.presence_state().get("me").is_none_or(|all| all[0].payload["number"] != 2) {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    })
    .await;

    // Too many messages, over the socket and over HTTP.
    database.configure_realtime(|settings| settings.max_messages_per_second = Some(5));
    let sent = futures_util::future::join_all((0..20).map(|number| {
        let room = &room;
        async move { room.broadcast("n", &number).await.is_ok() }
    }));
    let sent = within(sent).await.into_iter().filter(|sent| *sent).count();
    assert!((1..=5).contains(&sent), "{sent} of 20 were taken");
    assert!(matches!(within(heard.next()).await, Some(Ok(Broadcast::Gap(_)))));
    let mut refused = None;
    for _ in 0..20 {
        if let Err(error) = room.http_broadcast("n").json(&1).await {
            refused = Some(error);
        }
    }
    assert_eq!(refused.unwrap().kind(), ErrorKind::RateLimited);

    // Joins that come too fast cost the socket; the channel that was there comes back at once, the other one later.
    database.configure_realtime(|settings| {
        settings.max_messages_per_second = None;
        settings.max_channels_per_socket = None;
        settings.max_joins_per_second = Some(1);
    });
    let late = supabase.channel("late");
    late.start().unwrap();
    let mut states = Box::pin(late.statuses());
    within(async { while states.next().await.unwrap() != ChannelStatus::Joined {} }).await;
    let later = supabase.channel("later");
    later.start().unwrap();
    let mut states = Box::pin(later.statuses());
    within(async {
        loop {
            if let ChannelStatus::Waiting { reason, wait } = states.next().await.unwrap() {
                assert!(reason.starts_with("ClientJoinRateLimitReached"), "{reason}");
                assert_eq!(wait, Duration::from_secs(30));
                break;
            }
        }
    })
    .await;
    database.configure_realtime(|settings| settings.max_joins_per_second = None);
    assert!(matches!(within(heard.next()).await, Some(Ok(Broadcast::Gap(_)))));

    // One socket too many is tried for until there is room.
    database.configure_realtime(|settings| settings.max_sockets = Some(1));
    let second = client();
    let mut states = Box::pin(second.realtime().states());
    let x = second.channel("x");
    x.start().unwrap();
    within(async {
        while !matches!(states.next().await.unwrap(), ConnectionState::Waiting { reason, .. }
            if reason.to_string().contains("Too many connected users"))
        {}
    })
    .await;
    drop((supabase, room, heard, late, later));
    within(x.subscribe()).await.unwrap();
}

#[tokio::test]
async fn a_row_that_is_too_large_comes_without_its_large_values() {
    let stack = STACK.get().await.unwrap();
    let database = stack.database().await.unwrap();
    let supabase = Client::new(database.url(), database.anon_key()).unwrap();
    let mut changes = supabase.channel("large").on_changes(planets::Table).subscribe().await.unwrap();
    database
        .sql("insert into planets (id, name, radius) values (1, repeat('x', 1100000), 2), (2, repeat('x', 900000), 2)")
        .await
        .unwrap();
    let Some(Ok(Change::Incomplete { kind, new, errors, .. })) = within(changes.next()).await else {
        panic!("the row is whole")
    };
    assert_eq!((kind, errors), (ChangeKind::Insert, vec!["Error 413: Payload Too Large".to_owned()]));
    assert_eq!(
        (new.get(planets::id).unwrap(), new.get(planets::radius).unwrap()),
        (Cell::Value(1), Cell::Value(Some(2.0)))
    );
    assert_eq!(new.get(planets::name).unwrap(), Cell::Absent);
    let Some(Ok(Change::Insert { new, .. })) = within(changes.next()).await else { panic!("no row") };
    assert_eq!((new.id, new.name.len()), (2, 900_000));
}

#[tokio::test]
async fn who_signs_out_hears_nothing_more() {
    let stack = STACK.get().await.unwrap();
    let database = stack.database().await.unwrap();
    // An opaque key is no token: the server takes no notice of it on a channel that is joined.
    let supabase = Client::builder(database.url(), database.publishable_key())
        .realtime(RealtimeOptions::new().backoff(|_| Duration::from_millis(50)))
        .build()
        .unwrap();
    let user = database.jwt_for("44444444-4444-4444-8444-444444444444", "authenticated");
    supabase.realtime().set_auth(&*user);
    let room = supabase.channel("staff").private(true);
    let mut news = room.on_broadcast("news");
    room.subscribe().await.unwrap();
    let mut statuses = Box::pin(room.statuses());
    supabase.realtime().set_auth(None);
    within(async {
        while !matches!(statuses.next().await.unwrap(), ChannelStatus::Waiting { reason, .. } if reason.starts_with("Unauthorized"))
        {
        }
    })
    .await;
    // Whoever signs in again is told that something may be missing.
    supabase.realtime().set_auth(&*user);
    within(async { while statuses.next().await.unwrap() != ChannelStatus::Joined {} }).await;
    database.sql("select realtime.send('{\"n\":2}', 'news', 'staff')").await.unwrap();
    assert!(matches!(within(news.next()).await, Some(Ok(Broadcast::Gap(_)))));
    let item = within(news.next()).await.unwrap().unwrap();
    assert_eq!(item.message().unwrap().json::<serde_json::Value>().unwrap()["n"], 2);
}
