//! The official clients and ours in one room of the local stack: presence, broadcasts of text and bytes, row changes.
//! See [`supabase_tests::official`] for where they come from.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may fail by panicking")]

mod common;

use std::collections::{BTreeMap, BTreeSet};

use common::{STACK, planets, within};
use serde_json::{Value, json};
use supabase_core::Client;
use supabase_core::realtime::{Broadcast, Cell, Change, Channel, PresenceEvent};
use supabase_local::Database;
use supabase_tests::official::{flow_with, is_there};

const TEXT: &str = "grüße \"\\";

fn number(peer: &str) -> i64 {
    match peer {
        "js" => 100,
        "py" => 200,
        _ => 300,
    }
}

/// The numbers of a peer's rows whose insert, update and delete were told.
#[derive(Default)]
struct Told(BTreeMap<i64, BTreeSet<&'static str>>);

impl Told {
    fn note(&mut self, change: Change<planets::Row>) {
        let (id, kind) = match change {
            Change::Insert { new, .. } => {
                assert!(new.name.starts_with("by ") && new.radius == Some(1.5), "{new:?}");
                (new.id, "insert")
            }
            Change::Update { new, old, .. } => {
                assert!(new.name.starts_with("again by "), "{new:?}");
                assert_eq!(old.get(planets::id).unwrap(), Cell::Value(new.id));
                (new.id, "update")
            }
            Change::Delete { old, .. } => (old.get(planets::id).unwrap().value().unwrap(), "delete"),
            other => panic!("{other:?}"),
        };
        self.0.entry(id).or_default().insert(kind);
    }
}

fn everybody(room: &Channel, peers: &[&str], wanted: &str) -> bool {
    let state = room.presence_state();
    peers.iter().all(|peer| state.get(*peer).is_some_and(|all| all.iter().any(|one| one.payload.contains_key(wanted))))
}

/// Our part, as `rs`.
async fn ours(database: &Database, topic: &str, peers: &[&str]) {
    let client = Client::new(database.url(), database.anon_key()).unwrap();
    let room = client.channel(topic).ack(true).presence_key("rs");
    let (mut people, mut broadcasts) = (room.on_presence(), room.on_broadcasts());
    let mut changes = room.on_changes(planets::Table).stream().unwrap();
    within(room.subscribe()).await.unwrap();
    room.track(&json!({ "name": "rs" })).await.unwrap();
    within(async {
        while !everybody(&room, peers, "name") {
            people.next().await.unwrap().unwrap();
        }
    })
    .await;
    room.broadcast("hello", &json!({ "from": "rs", "text": TEXT })).await.unwrap();
    room.broadcast_bytes("bytes", vec![3, 0, 255]).await.unwrap();
    let rows = Client::new(database.url(), database.service_key()).unwrap();
    rows.from("planets").insert(&json!({ "id": 300, "name": "by rs", "radius": 1.5 })).await.unwrap();
    rows.from("planets").update(&json!({ "name": "again by rs" })).eq("id", 300).await.unwrap();
    rows.from("planets").delete().eq("id", 300).await.unwrap();

    let (mut hellos, mut bytes) = (BTreeSet::new(), BTreeSet::new());
    let others: Vec<&str> = peers.iter().copied().filter(|peer| *peer != "rs").collect();
    let with_bytes = others.iter().filter(|peer| **peer != "py").count();
    within(async {
        while hellos.len() < others.len() || bytes.len() < with_bytes {
            let Broadcast::Message(message) = broadcasts.next().await.unwrap().unwrap() else { panic!("no message") };
            if message.is_binary() {
                assert_eq!((&*message.event, &message.bytes()[1..]), ("bytes", &[0, 255][..]));
                bytes.insert(message.bytes()[0]);
            } else {
                let payload: Value = message.json().unwrap();
                assert_eq!((&*message.event, &payload["text"]), ("hello", &json!(TEXT)));
                hellos.insert(payload["from"].as_str().unwrap().to_owned());
            }
        }
    })
    .await;
    assert_eq!(hellos.iter().map(String::as_str).collect::<Vec<_>>(), others);

    let mut told = Told::default();
    within(async {
        while !peers.iter().all(|peer| told.0.get(&number(peer)).is_some_and(|kinds| kinds.len() == 3)) {
            told.note(changes.next().await.unwrap().unwrap());
        }
    })
    .await;

    room.track(&json!({ "name": "rs", "done": true })).await.unwrap();
    let mut finished = BTreeSet::new();
    within(async {
        while !others.iter().all(|peer| finished.contains(*peer)) {
            // Who has finished may be gone before the next look at the state: the events tell both.
            if let PresenceEvent::Join { key, new, .. } = people.next().await.unwrap().unwrap()
                && new.iter().any(|one| one.payload.contains_key("done"))
            {
                finished.insert(key);
            }
        }
    })
    .await;
    client.realtime().remove_channel(room).await.unwrap();
}

/// Puts these clients and ours into a room; whether they were all there.
async fn meet(test: &str, peers: &[&str]) -> bool {
    for peer in peers.iter().filter(|peer| **peer != "rs") {
        if !is_there(test, peer).await {
            return false;
        }
    }
    let stack = STACK.get().await.unwrap();
    let database = stack.database().await.unwrap();
    let list = peers.join(",");
    let topic = format!("room é {list}");
    let official = futures_util::future::join_all(peers.iter().filter(|peer| **peer != "rs").map(async |peer| {
        let script = if *peer == "py" { "room.py" } else { "room.mjs" };
        assert!(flow_with(test, script, &database, &[&topic, &list]).await);
    }));
    tokio::join!(official, ours(&database, &topic, peers));
    true
}

#[tokio::test]
async fn supabase_js_and_ours_meet() {
    meet("supabase_js_and_ours_meet", &["js", "rs"]).await;
}

#[tokio::test]
async fn realtime_py_and_ours_meet() {
    meet("realtime_py_and_ours_meet", &["py", "rs"]).await;
}

#[tokio::test]
async fn all_three_meet() {
    meet("all_three_meet", &["js", "py", "rs"]).await;
}
