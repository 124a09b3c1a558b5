//! Who is on which topic, and what is told to whom.

use std::collections::{BTreeMap, HashMap};

use serde_json::{Map, Value, json};
use tokio::sync::mpsc::UnboundedSender;
use tokio_tungstenite::tungstenite::Message;

use super::filter::Filter;
use super::kept::Shelf;
use super::protocol::{self, Body, Version};
use super::settings::Rate;
use super::token::Claims;

/// A channel of one connection.
pub(super) struct Member {
    pub(super) connection: u64,
    pub(super) version: Version,
    pub(super) own: bool,
    pub(super) to: UnboundedSender<Message>,
}

/// Row changes that a member asked for.
pub(super) struct Wanted {
    pub(super) connection: u64,
    pub(super) topic: String,
    pub(super) id: i64,
    pub(super) event: String,
    pub(super) schema: String,
    pub(super) table: String,
    pub(super) filters: Vec<Filter>,
    pub(super) select: Vec<String>,
    pub(super) claims: Claims,
    pub(super) version: Version,
    pub(super) to: UnboundedSender<Message>,
}

/// Public and private channels of one name are two.
pub(super) type Name = (String, bool);

/// What each connection tracks under one key.
type Metas = Vec<(u64, Map<String, Value>)>;

#[derive(Default)]
struct Topic {
    members: Vec<Member>,
    presence: BTreeMap<String, Metas>,
}

/// Everything that is shared between connections.
#[derive(Default)]
pub(super) struct State {
    topics: HashMap<Name, Topic>,
    pub(super) wanted: Vec<Wanted>,
    /// How many sockets there are.
    pub(super) sockets: usize,
    pub(super) joins: Rate,
    pub(super) messages: Rate,
    pub(super) shelf: Shelf,
    number: u64,
}

impl State {
    pub(super) fn next(&mut self) -> u64 {
        self.number += 1;
        self.number
    }

    pub(super) fn join(&mut self, name: &Name, member: Member) {
        self.topics.entry(name.clone()).or_default().members.push(member);
    }

    pub(super) fn has_members(&self) -> bool {
        !self.topics.is_empty()
    }

    /// Ends a member's part in everything.
    pub(super) fn leave(&mut self, name: &Name, connection: u64) {
        self.wanted.retain(|wanted| wanted.connection != connection || wanted.topic != name.0);
        let Some(topic) = self.topics.get_mut(name) else { return };
        topic.members.retain(|member| member.connection != connection);
        let keys: Vec<String> = topic.presence.keys().cloned().collect();
        for key in keys {
            self.untrack(name, connection, &key);
        }
        if self.topics.get(name).is_some_and(|topic| topic.members.is_empty()) {
            self.topics.remove(name);
        }
    }

    pub(super) fn broadcast(&self, name: &Name, sender: Option<u64>, event: &str, meta: Option<&Value>, body: &Body) {
        let Some(topic) = self.topics.get(name) else { return };
        for member in &topic.members {
            if sender == Some(member.connection) && !member.own {
                continue;
            }
            if let Some(message) = protocol::broadcast(member.version, &name.0, event, meta, body) {
                let _ = member.to.send(message);
            }
        }
    }

    /// A broadcast in a JSON frame is passed on as it is.
    pub(super) fn broadcast_json(&self, name: &Name, sender: u64, payload: &Value) {
        let Some(topic) = self.topics.get(name) else { return };
        for member in &topic.members {
            if sender == member.connection && !member.own {
                continue;
            }
            let _ = member.to.send(protocol::push(member.version, None, None, &name.0, "broadcast", payload));
        }
    }

    pub(super) fn presence(&self, name: &Name) -> Value {
        let Some(topic) = self.topics.get(name) else { return json!({}) };
        topic
            .presence
            .iter()
            .map(|(key, metas)| {
                (key.clone(), json!({ "metas": metas.iter().map(|(_, meta)| meta).collect::<Vec<_>>() }))
            })
            .collect::<Map<_, _>>()
            .into()
    }

    fn presence_diff(&self, name: &Name, joins: &Value, leaves: &Value) {
        let Some(topic) = self.topics.get(name) else { return };
        let payload = json!({ "joins": joins, "leaves": leaves });
        for member in &topic.members {
            let _ = member.to.send(protocol::push(member.version, None, None, &name.0, "presence_diff", &payload));
        }
    }

    pub(super) fn track(&mut self, name: &Name, connection: u64, key: &str, payload: &Map<String, Value>) {
        let number = self.next();
        let Some(topic) = self.topics.get_mut(name) else { return };
        let metas = topic.presence.entry(key.to_owned()).or_default();
        let mut meta = payload.clone();
        meta.insert("phx_ref".to_owned(), json!(format!("F{number:x}")));
        let mut leaves = json!({});
        match metas.iter_mut().find(|(owner, _)| *owner == connection) {
            Some((_, old)) => {
                let same = |map: &Map<String, Value>| {
                    let mut map = map.clone();
                    map.remove("phx_ref");
                    map.remove("phx_ref_prev");
                    map
                };
                if same(old) == *payload {
                    return;
                }
                meta.insert("phx_ref_prev".to_owned(), old["phx_ref"].clone());
                leaves = json!({ key: { "metas": [std::mem::replace(old, meta.clone())] } });
            }
            None => metas.push((connection, meta.clone())),
        }
        self.presence_diff(name, &json!({ key: { "metas": [meta] } }), &leaves);
    }

    pub(super) fn untrack(&mut self, name: &Name, connection: u64, key: &str) {
        let Some(topic) = self.topics.get_mut(name) else { return };
        let Some(metas) = topic.presence.get_mut(key) else { return };
        let Some(at) = metas.iter().position(|(owner, _)| *owner == connection) else { return };
        let (_, meta) = metas.remove(at);
        if metas.is_empty() {
            topic.presence.remove(key);
        }
        self.presence_diff(name, &json!({}), &json!({ key: { "metas": [meta] } }));
    }
}
