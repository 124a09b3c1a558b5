//! Realtime.

use std::time::{Duration, SystemTime};

use futures_util::StreamExt;
use serde_json::json;
use supabase_core::Client;
use supabase_core::prelude::*;
use supabase_core::realtime::{
    Broadcast, Change, ChangeKind, ConnectionState, PresenceEvent, RealtimeEvent, RealtimeOptions, Severity, Version,
    WebSocket,
};
use supabase_tests::db::planets;

const URL: &str = "https://example.supabase.co";
const KEY: &str = "sb_publishable_key";

capabilities! {
    "realtime.client.connect": "Realtime::connect" => |client| {
        // Subscribing does it too.
        client.realtime().connect().await?;
    }
    "realtime.client.disconnect": "Realtime::disconnect" => |client| {
        client.realtime().disconnect().await;
    }
    "realtime.client.connection_state": "Realtime::state" => |client| {
        let open = client.realtime().state() == ConnectionState::Connected;
        let mut states = std::pin::pin!(client.realtime().states());
        while let Some(state) = states.next().await {
            println!("{state:?}");
        }
    }
    "realtime.client.channel": "Client::channel" => |client| {
        // The same topic gives the same channel.
        let room = client.channel("room:1");
    }
    "realtime.client.get_channels": "Realtime::channels" => |client| {
        for channel in client.realtime().channels() {
            println!("{}: {:?}", channel.topic(), channel.status());
        }
    }
    "realtime.client.remove_channel": "Realtime::remove_channel" => |client| {
        let room = client.channel("room:1");
        client.realtime().remove_channel(room).await?;
    }
    "realtime.client.remove_all_channels": "Realtime::remove_all_channels" => |client| {
        client.realtime().remove_all_channels().await?;
    }
    "realtime.client.listen_heartbeats": "Realtime::events" => |client| {
        let mut events = std::pin::pin!(client.realtime().events());
        while let Some(event) = events.next().await {
            match event {
                RealtimeEvent::HeartbeatAnswered(after) => println!("alive, {after:?} away"),
                RealtimeEvent::HeartbeatMissed => println!("the other end is gone"),
                _ => {}
            }
        }
    }
    "realtime.client.set_auth_token": "Realtime::set_auth" => |client| {
        client.realtime().set_auth("a token");
        // Back to the client's own.
        client.realtime().set_auth(None);
    }
    "realtime.channel.subscribe": "Channel::subscribe" => |client| {
        let room = client.channel("room:1");
        room.subscribe().await?;
    }
    "realtime.channel.unsubscribe": "Channel::unsubscribe" => |client| {
        client.channel("room:1").unsubscribe().await?;
    }
    "realtime.channel.broadcast": "Channel::broadcast" => |client| {
        let room = client.channel("room:1");
        room.subscribe().await?;
        room.broadcast("cursor", &json!({ "x": 10, "y": 20 })).await?;
        room.broadcast_bytes("frame", vec![0, 1, 2]).await?;
    }
    "realtime.channel.broadcast_http": "Channel::http_broadcast" => |client| {
        client.channel("room:1").http_broadcast("cursor").json(&json!({ "x": 10 })).await?;
        // Several in one request.
        client.realtime().broadcast().message("room:1", "a", &1).message("room:2", "b", &2).await?;
    }
    "realtime.presence.track": "Channel::track" => |client| {
        client.channel("room:1").track(&json!({ "name": "Ada" })).await?;
    }
    "realtime.presence.untrack": "Channel::untrack" => |client| {
        client.channel("room:1").untrack().await?;
    }
    "realtime.presence.presence_state": "Channel::presence_state" => |client| {
        for (key, appearances) in client.channel("room:1").presence_state() {
            println!("{key} is here {} times", appearances.len());
        }
    }
    "realtime.presence.presence_key": "Channel::presence_key" => |client| {
        let room = client.channel("room:1").presence_key("user-7");
    }
    "realtime.subscriptions.subscribe_presence": "Channel::on_presence" => |client| {
        let room = client.channel("room:1");
        let mut people = room.on_presence();
        room.subscribe().await?;
        while let Some(event) = people.next().await {
            match event? {
                PresenceEvent::Sync(everybody) => println!("{} are here", everybody.len()),
                PresenceEvent::Join { key, .. } => println!("{key} came"),
                PresenceEvent::Leave { key, .. } => println!("{key} left"),
                _ => {}
            }
        }
    }
    "realtime.subscriptions.broadcast": "Channel::on_broadcast" => |client| {
        let room = client.channel("room:1");
        let mut cursors = room.on_broadcast("cursor");
        room.subscribe().await?;
        while let Some(item) = cursors.next().await {
            match item? {
                Broadcast::Message(message) => println!("{}", message.json::<serde_json::Value>()?),
                Broadcast::Gap(gap) => println!("away since {:?}", gap.since),
                Broadcast::Lagged(count) => println!("{count} were not read in time"),
                _ => {}
            }
        }
    }
    "realtime.subscriptions.broadcast_self": "Channel::receive_own" => |client| {
        let room = client.channel("room:1").receive_own(true);
    }
    "realtime.subscriptions.broadcast_ack": "Channel::ack" => |client| {
        let room = client.channel("room:1").ack(true);
        room.subscribe().await?;
        // Resolves when the server has taken it.
        room.broadcast("cursor", &json!({ "x": 10 })).await?;
    }
    "realtime.subscriptions.broadcast_replay": "Channel::replay" => |client| {
        let an_hour_ago = SystemTime::now() - Duration::from_secs(3600);
        let room = client.channel("room:1").private(true).replay(an_hour_ago, 10);
        room.subscribe().await?;
        // What is to be replayed is kept when it is sent.
        room.broadcast_persisted("news", &json!({ "n": 1 }), Duration::from_secs(600)).await?;
    }
    "realtime.subscriptions.private_channel": "Channel::private" => |client| {
        let room = client.channel("room:1").private(true);
        room.subscribe().await?;
    }
    "realtime.subscriptions.postgres_changes": "Channel::on_changes" => |client| {
        let mut changes = client.channel("sky").on_changes(planets::Table).subscribe().await?;
        while let Some(change) = changes.next().await {
            match change? {
                Change::Insert { new, .. } => println!("{} is new", new.name),
                Change::Update { new, .. } => println!("{} is another", new.name),
                Change::Delete { old, .. } => println!("{:?} is gone", old.get(planets::id)?),
                Change::Gap(gap) => println!("read again: nothing is known since {:?}", gap.since),
                _ => {}
            }
        }
    }
    "realtime.subscriptions.postgres_changes_filter": "OnChanges::filter" => |client| {
        let channel = client.channel("sky");
        let large = channel.on_changes(planets::Table).filter(planets::radius_km.gt(5000.0)).subscribe().await?;
    }
    "realtime.subscriptions.postgres_changes_multiple_filters": "OnChanges::filter" => |client| {
        // All of them have to match.
        let channel = client.channel("sky");
        let new = channel
            .on_changes(planets::Table)
            .only(ChangeKind::Insert)
            .filter(planets::radius_km.gt(5000.0))
            .filter(planets::name.like("M%"))
            .subscribe()
            .await?;
    }
    "realtime.configuration.custom_websocket_transport": "RealtimeOptions::connector" => |client| {
        // Anything that implements `Connector`.
        let supabase = Client::builder(URL, KEY).realtime(RealtimeOptions::new().connector(WebSocket)).build()?;
    }
    "realtime.configuration.reconnect_backoff": "RealtimeOptions::backoff" => |client| {
        let options = RealtimeOptions::new().backoff(|attempt| Duration::from_secs(u64::from(attempt.min(10))));
        let supabase = Client::builder(URL, KEY).realtime(options).build()?;
    }
    "realtime.configuration.heartbeat_interval": "RealtimeOptions::heartbeat" => |client| {
        let options = RealtimeOptions::new().heartbeat(Duration::from_secs(15), Duration::from_secs(5));
        let supabase = Client::builder(URL, KEY).realtime(options).build()?;
    }
    "realtime.configuration.access_token_callback": "RealtimeOptions::access_token" => |client| {
        let options =
            RealtimeOptions::new().access_token(|| async { Ok::<_, std::io::Error>(Some("a token".to_owned())) });
        let supabase = Client::builder(URL, KEY).realtime(options).build()?;
    }
    "realtime.configuration.deferred_disconnect": "RealtimeOptions::idle_disconnect" => |client| {
        let options = RealtimeOptions::new().idle_disconnect(Duration::from_secs(10));
        let supabase = Client::builder(URL, KEY).realtime(options).build()?;
    }
    "realtime.configuration.custom_logger": "RealtimeOptions::logger" => |client| {
        let options = RealtimeOptions::new()
            .logger(Severity::Info, |event| eprintln!("realtime: {event}"))
            // What the server logs about this socket.
            .parameter("log_level", "info");
        let supabase = Client::builder(URL, KEY).realtime(options).build()?;
    }
    "realtime.configuration.binary_protocol": "RealtimeOptions::version" => |client| {
        // 2.0.0 is what is spoken unless this says otherwise.
        let supabase = Client::builder(URL, KEY).realtime(RealtimeOptions::new().version(Version::V2)).build()?;
    }
}
