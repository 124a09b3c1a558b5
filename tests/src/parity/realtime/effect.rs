//! What an application sees of what the server says.

use std::pin::Pin;
use std::time::{Duration, SystemTime};

use futures_util::{Stream, StreamExt};
use serde_json::{Map, Value, json};
use supabase_core::realtime::{
    AnyChange, AnyChanges, Broadcast, Broadcasts, Channel, ChannelStatus, CloseReason, RealtimeEvent, SystemMessages,
};
use supabase_core::{Client, Result};

use super::conversation::kind;

/// The events of the socket.
pub(super) struct Events(Pin<Box<dyn Stream<Item = RealtimeEvent> + Send>>);

impl Events {
    pub(super) fn of(client: &Client) -> Self {
        Self(Box::pin(client.realtime().events()))
    }

    pub(super) async fn until(&mut self, wanted: impl Fn(&RealtimeEvent) -> bool) {
        while let Some(event) = self.0.next().await {
            if wanted(&event) {
                return;
            }
        }
    }
}

/// A channel with everything that can be heard on it.
pub(super) struct Effects {
    pub(super) channel: Channel,
    /// Broadcasts are acknowledged.
    pub(super) ack: bool,
    /// The call that subscribes, while the database has not confirmed.
    pub(super) joining: Option<String>,
    broadcasts: Broadcasts,
    system: SystemMessages,
    changes: Vec<AnyChanges>,
    /// By the wire: key to appearances.
    presence: Map<String, Value>,
}

impl Effects {
    /// A channel as a recorded join configures it.
    pub(super) fn of(client: &Client, topic: &str, config: &Value) -> Result<Self> {
        let flag = |value: &Value| value.as_bool().unwrap_or_default();
        let (broadcast, presence) = (&config["broadcast"], &config["presence"]);
        let mut channel = client
            .channel(topic)
            .ack(flag(&broadcast["ack"]))
            .receive_own(flag(&broadcast["self"]))
            .private(flag(&config["private"]))
            .presence(flag(&presence["enabled"]));
        if let Some(key) = presence["key"].as_str().filter(|key| !key.is_empty()) {
            channel = channel.presence_key(key);
        }
        if let Some(since) = broadcast["replay"]["since"].as_u64() {
            let limit = broadcast["replay"]["limit"].as_u64().and_then(|limit| u32::try_from(limit).ok());
            channel = channel.replay(SystemTime::UNIX_EPOCH + Duration::from_millis(since), limit);
        }
        let mut changes = Vec::new();
        for asked in config["postgres_changes"].as_array().into_iter().flatten() {
            let mut binding =
                channel.on_any_changes(asked["schema"].as_str().unwrap_or_default(), asked["table"].as_str());
            if let Some(kind) = kind(&asked["event"]) {
                binding = binding.only(kind);
            }
            if let Some(filter) = asked["filter"].as_str() {
                binding = binding.filter(filter);
            }
            let columns = asked["select"].as_array().into_iter().flatten();
            let columns: Vec<&str> = columns.filter_map(Value::as_str).collect();
            changes.push(binding.select(columns).stream()?);
        }
        Ok(Self {
            broadcasts: channel.on_broadcasts(),
            system: channel.on_system(),
            channel,
            ack: flag(&broadcast["ack"]),
            joining: None,
            changes,
            presence: Map::new(),
        })
    }

    pub(super) async fn system(&mut self, payload: &Value) -> Result<(), String> {
        let Some(Ok(said)) = self.system.next().await else { return Err("no system message".to_owned()) };
        let ours = json!([said.extension, said.status, said.message]);
        let theirs = json!([payload["extension"], payload["status"], payload["message"]]);
        same(&theirs, &ours)
    }

    pub(super) async fn broadcast(&mut self, payload: &Value) -> Result<(), String> {
        let Some(Ok(Broadcast::Message(message))) = self.broadcasts.next().await else {
            return Err("no broadcast".to_owned());
        };
        let body: Value = message.json().map_err(|error| error.to_string())?;
        let ours = json!([message.event, body, message.id, message.replayed]);
        let meta = &payload["meta"];
        let replayed = meta["replayed"].as_bool().unwrap_or_default();
        same(&json!([payload["event"], payload["payload"], meta["id"], replayed]), &ours)
    }

    /// Every binding that the server names gets it.
    pub(super) async fn change(&mut self, payload: &Value) -> Result<(), String> {
        let data = &payload["data"];
        for id in payload["ids"].as_array().into_iter().flatten() {
            // The recorded ids count from 1000.
            let at = id.as_u64().and_then(|id| usize::try_from(id.checked_sub(1000)?).ok());
            let changes = at.and_then(|at| self.changes.get_mut(at)).ok_or("an id that was not given out")?;
            let Some(Ok(AnyChange::Row(row))) = changes.next().await else { return Err("no change".to_owned()) };
            let record: Map<String, Value> = row
                .new
                .names()
                .filter_map(|name| Some((name.to_owned(), serde_json::from_str(row.new.raw(name)?).ok()?)))
                .collect();
            if Some(row.kind) != kind(&data["type"]) {
                return Err(format!("theirs {}, ours {:?}", data["type"], row.kind));
            }
            let ours = json!([row.schema, row.table, record, row.errors]);
            let errors = if data["errors"].is_null() { json!([]) } else { data["errors"].clone() };
            same(&json!([data["schema"], data["table"], data["record"], errors]), &ours)?;
            let at = data["commit_timestamp"].as_str().and_then(|at| at.parse().ok());
            if row.at != at {
                return Err(format!("committed: theirs {at:?}, ours {:?}", row.at));
            }
        }
        Ok(())
    }

    /// Notes what the presence has to come to.
    pub(super) fn expect(&mut self, event: &str, payload: &Value) {
        let metas = |value: &Value| value["metas"].as_array().cloned().unwrap_or_default();
        if event == "presence_state" {
            let all = payload.as_object().into_iter().flatten();
            self.presence = all.map(|(key, value)| (key.clone(), Value::Array(metas(value)))).collect();
            return;
        }
        for (key, value) in payload["joins"].as_object().into_iter().flatten() {
            let here = self.presence.entry(key.clone()).or_insert_with(|| json!([]));
            here.as_array_mut().expect("made as a list").extend(metas(value));
        }
        for (key, value) in payload["leaves"].as_object().into_iter().flatten() {
            let left = metas(value);
            let Some(here) = self.presence.get_mut(key).and_then(Value::as_array_mut) else { continue };
            here.retain(|meta| left.iter().all(|left| left["phx_ref"] != meta["phx_ref"]));
            if here.is_empty() {
                self.presence.remove(key);
            }
        }
    }

    /// Until the channel's presence is what is expected.
    pub(super) async fn present(&self) {
        loop {
            let state = self.channel.presence_state();
            let ours: Map<String, Value> = state
                .into_iter()
                .map(|(key, all)| {
                    let all = all.into_iter().map(|one| {
                        let mut meta = one.payload;
                        meta.insert("phx_ref".to_owned(), json!(one.reference));
                        Value::Object(meta)
                    });
                    (key, Value::Array(all.collect()))
                })
                .collect();
            if ours == self.presence {
                return;
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    }

    pub(super) fn left(&self) -> Result<(), String> {
        match self.channel.status() {
            ChannelStatus::Closed(CloseReason::Left) => Ok(()),
            other => Err(format!("the channel is {other:?}")),
        }
    }
}

fn same(theirs: &Value, ours: &Value) -> Result<(), String> {
    if theirs == ours { Ok(()) } else { Err(format!("theirs {theirs}, ours {ours}")) }
}
