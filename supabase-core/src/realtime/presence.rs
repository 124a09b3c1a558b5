//! Presence: who is there, kept by the rules of Phoenix.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::status::Gap;
use crate::error::{Error, ErrorKind, Result};

/// One appearance of somebody: one per connection that tracks under a key.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Presence {
    /// The server's reference of this appearance.
    pub reference: String,
    /// What was tracked.
    pub payload: Map<String, Value>,
}

impl Presence {
    /// What was tracked, read as any type.
    ///
    /// # Errors
    /// [`ErrorKind::Decode`] when it is not that type's.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T> {
        serde_json::from_value(Value::Object(self.payload.clone())).map_err(|error| {
            Error::new(ErrorKind::Decode, format!("what was tracked is not this JSON: {error}")).with_source(error)
        })
    }
}

/// Everybody who is there, by key.
pub type PresenceState = BTreeMap<String, Vec<Presence>>;

/// What a subscription to presence gives.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum PresenceEvent {
    /// Everybody who is there now: after the channel was joined, and after each change. Shared by
    /// every stream; one that was not read before the next came is replaced by it.
    Sync(Arc<PresenceState>),
    /// Somebody came, or tracked something else.
    Join {
        /// The key.
        key: String,
        /// The new appearances.
        new: Vec<Presence>,
        /// All appearances under the key now.
        current: Vec<Presence>,
    },
    /// Somebody left.
    Leave {
        /// The key.
        key: String,
        /// The appearances that are gone.
        left: Vec<Presence>,
        /// The appearances under the key that remain.
        current: Vec<Presence>,
    },
    /// The channel was away: joins and leaves may have been missed. A `Sync` follows.
    Gap(Gap),
    /// So many events were dropped, because they were not read in time.
    Lagged(u64),
}

#[derive(Deserialize)]
struct Metas {
    metas: Vec<Map<String, Value>>,
}

type Wire = BTreeMap<String, Metas>;

#[derive(Deserialize)]
struct Diff {
    #[serde(default)]
    joins: Wire,
    #[serde(default)]
    leaves: Wire,
}

fn presences(metas: Metas) -> Vec<Presence> {
    metas
        .metas
        .into_iter()
        .map(|mut payload| {
            let reference = match payload.remove("phx_ref") {
                Some(Value::String(reference)) => reference,
                _ => String::new(),
            };
            payload.remove("phx_ref_prev");
            Presence { reference, payload }
        })
        .collect()
}

/// The state of one channel. Diffs that come before the first state after a join wait for it.
#[derive(Debug, Default)]
pub(crate) struct Tracker {
    /// Copied when it changes while somebody still has it from a `Sync`.
    state: Arc<PresenceState>,
    waiting: Option<Vec<String>>,
}

impl Tracker {
    /// A join was sent: the next state is complete, and diffs before it are about it.
    pub(crate) fn expect_state(&mut self) {
        self.waiting = Some(Vec::new());
    }

    pub(crate) fn state(&self) -> &PresenceState {
        &self.state
    }

    /// Takes a full state and tells what is different.
    pub(crate) fn sync(&mut self, json: &str) -> Vec<PresenceEvent> {
        let Ok(wire) = serde_json::from_str::<Wire>(json) else { return Vec::new() };
        let new: PresenceState = wire.into_iter().map(|(key, metas)| (key, presences(metas))).collect();
        let (mut joins, mut leaves) = (PresenceState::new(), PresenceState::new());
        let has = |list: Option<&Vec<Presence>>, one: &Presence| {
            list.is_some_and(|list| list.iter().any(|other| other.reference == one.reference))
        };
        for (key, now) in &new {
            let came: Vec<_> = now.iter().filter(|one| !has(self.state.get(key), one)).cloned().collect();
            if !came.is_empty() {
                joins.insert(key.clone(), came);
            }
        }
        for (key, before) in &*self.state {
            let left: Vec<_> = before.iter().filter(|one| !has(new.get(key), one)).cloned().collect();
            if !left.is_empty() {
                leaves.insert(key.clone(), left);
            }
        }
        let mut events = self.apply(joins, leaves);
        for diff in self.waiting.take().unwrap_or_default() {
            if let Ok(Diff { joins, leaves }) = serde_json::from_str(&diff) {
                events.extend(self.apply(read(joins), read(leaves)));
            }
        }
        events.push(PresenceEvent::Sync(self.state.clone()));
        events
    }

    /// Takes a difference.
    pub(crate) fn diff(&mut self, json: &str) -> Vec<PresenceEvent> {
        if let Some(waiting) = &mut self.waiting {
            // A state is on its way; a server without presence never sends one, so this has an end.
            if waiting.len() < 1000 {
                waiting.push(json.to_owned());
                return Vec::new();
            }
            self.waiting = None;
        }
        let Ok(Diff { joins, leaves }) = serde_json::from_str(json) else { return Vec::new() };
        let mut events = self.apply(read(joins), read(leaves));
        events.push(PresenceEvent::Sync(self.state.clone()));
        events
    }

    fn apply(&mut self, joins: PresenceState, leaves: PresenceState) -> Vec<PresenceEvent> {
        let mut events = Vec::new();
        let state = Arc::make_mut(&mut self.state);
        for (key, new) in joins {
            let current = state.entry(key.clone()).or_default();
            // What was there before stays in front, unless it is among the new.
            current.retain(|one| new.iter().all(|other| other.reference != one.reference));
            current.extend(new.iter().cloned());
            events.push(PresenceEvent::Join { key, new, current: current.clone() });
        }
        for (key, left) in leaves {
            let Some(current) = state.get_mut(&key) else { continue };
            current.retain(|one| left.iter().all(|other| other.reference != one.reference));
            let current = current.clone();
            if current.is_empty() {
                state.remove(&key);
            }
            events.push(PresenceEvent::Leave { key, left, current });
        }
        events
    }
}

fn read(wire: Wire) -> PresenceState {
    wire.into_iter().map(|(key, metas)| (key, presences(metas))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(tracker: &Tracker) -> Vec<String> {
        tracker
            .state()
            .iter()
            .flat_map(|(key, list)| list.iter().map(move |one| format!("{key}:{}:{}", one.reference, one.payload["n"])))
            .collect()
    }

    #[test]
    fn a_track_again_replaces_the_old_appearance() {
        let mut tracker = Tracker::default();
        tracker.expect_state();
        // A diff before the state is about the state.
        assert!(tracker.diff(r#"{"joins":{"b":{"metas":[{"phx_ref":"2","n":2}]}},"leaves":{}}"#).is_empty());
        let events = tracker.sync(r#"{"a":{"metas":[{"phx_ref":"1","n":1}]}}"#);
        assert_eq!(events.len(), 3);
        assert_eq!(names(&tracker), ["a:1:1", "b:2:2"]);
        tracker.diff(
            r#"{"joins":{"a":{"metas":[{"phx_ref":"3","phx_ref_prev":"1","n":3}]}},"leaves":{"a":{"metas":[{"phx_ref":"1","n":1}]}}}"#,
        );
        assert_eq!(names(&tracker), ["a:3:3", "b:2:2"]);
        tracker.diff(r#"{"joins":{},"leaves":{"a":{"metas":[{"phx_ref":"3","n":3}]}}}"#);
        assert_eq!(names(&tracker), ["b:2:2"]);
        // A state after an absence: b is gone, c came.
        tracker.expect_state();
        let events = tracker.sync(r#"{"c":{"metas":[{"phx_ref":"9","n":9},{"phx_ref":"8","n":8}]}}"#);
        assert!(matches!(&events[0], PresenceEvent::Join { key, new, .. } if key == "c" && new.len() == 2));
        assert!(matches!(&events[1], PresenceEvent::Leave { key, current, .. } if key == "b" && current.is_empty()));
        assert_eq!(names(&tracker), ["c:9:9", "c:8:8"]);
    }
}
