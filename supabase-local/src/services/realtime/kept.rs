//! Broadcasts that are kept for who joins later. Those of the database are in `realtime.messages`; those that clients
//! asked to keep are here, as long as the service runs.

use std::collections::VecDeque;
use std::time::{Duration, SystemTime};

use serde_json::Value;

use super::protocol::Body;

/// More than so many are not kept: the oldest go first.
const MOST: usize = 1000;

/// One of them.
#[derive(Debug, Clone)]
pub(super) struct Kept {
    pub(super) topic: String,
    pub(super) event: String,
    pub(super) body: Body,
    pub(super) id: String,
    pub(super) at: SystemTime,
    pub(super) until: Option<SystemTime>,
}

/// All of them, oldest first.
#[derive(Debug, Default)]
pub(super) struct Shelf(VecDeque<Kept>);

impl Shelf {
    pub(super) fn keep(&mut self, kept: Kept) {
        let now = SystemTime::now();
        self.0.retain(|kept| kept.until.is_none_or(|until| now < until));
        if self.0.len() == MOST {
            self.0.pop_front();
        }
        self.0.push_back(kept);
    }

    pub(super) fn since(&self, topic: &str, since: SystemTime) -> Vec<Kept> {
        let now = SystemTime::now();
        let wanted =
            |kept: &&Kept| kept.topic == topic && kept.at >= since && kept.until.is_none_or(|until| now < until);
        self.0.iter().filter(wanted).cloned().collect()
    }
}

/// For how long a message is to be kept, if it is: `true`, or `{"ttl": 60}`.
pub(super) fn asked(persist: &Value) -> Option<Option<Duration>> {
    match persist {
        Value::Bool(true) => Some(None),
        Value::Object(options) => Some(options.get("ttl").and_then(Value::as_u64).map(Duration::from_secs)),
        _ => None,
    }
}

/// A new id for a message.
pub(super) fn new_id() -> String {
    let mut bytes = [0; 16];
    // Without randomness the id is still one, if not a unique one.
    let _ = getrandom::fill(&mut bytes);
    bytes[6] = bytes[6] & 0x0f | 0x40;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    format!("{}-{}-{}-{}-{}", &hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..])
}
