//! A frame of either version as its parts.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use supabase_core::realtime::Message;

/// What a frame says, whichever version and direction.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Frame {
    pub(super) join_ref: Option<String>,
    pub(super) reference: Option<String>,
    pub(super) topic: String,
    pub(super) event: String,
    pub(super) payload: Value,
    /// A broadcast in a binary frame: its kind, and whether the body is JSON.
    pub(super) binary: Option<(u8, bool)>,
}

fn text(value: &Value) -> Option<String> {
    value.as_str().map(str::to_owned)
}

pub(super) fn bytes_of(hex: &str) -> Vec<u8> {
    hex.split(' ').filter_map(|byte| u8::from_str_radix(byte, 16).ok()).collect()
}

impl Frame {
    /// A recorded line.
    pub(super) fn recorded(line: &Value) -> Option<Self> {
        match line["hex"].as_str() {
            Some(hex) => Self::of_bytes(&bytes_of(hex)),
            None => Self::of_json(&line["frame"]),
        }
    }

    /// What our client says.
    pub(super) fn said(message: &Message) -> Option<Self> {
        match message {
            Message::Text(text) => Self::of_json(&serde_json::from_str(text).ok()?),
            Message::Binary(bytes) => Self::of_bytes(bytes),
            _ => None,
        }
    }

    fn of_json(frame: &Value) -> Option<Self> {
        let field = |at: usize, name: &str| if frame.is_array() { &frame[at] } else { &frame[name] };
        Some(Self {
            join_ref: text(field(0, "join_ref")),
            reference: text(field(1, "ref")),
            topic: text(field(2, "topic"))?,
            event: text(field(3, "event"))?,
            payload: field(4, "payload").clone(),
            binary: None,
        })
    }

    /// Kind 3 is a client's broadcast, kind 4 the server's.
    fn of_bytes(frame: &[u8]) -> Option<Self> {
        let kind = *frame.first()?;
        let names: &[&str] = match kind {
            3 => &["join_ref", "ref", "topic", "event", "meta"],
            4 => &["topic", "event", "meta"],
            _ => return None,
        };
        let mut at = names.len() + 2;
        let mut parts: BTreeMap<&str, String> = BTreeMap::new();
        for (name, size) in names.iter().zip(frame.get(1..)?) {
            let end = at + usize::from(*size);
            parts.insert(name, String::from_utf8(frame.get(at..end)?.to_vec()).ok()?);
            at = end;
        }
        let json = *frame.get(names.len() + 1)? == 1;
        let body = frame.get(at..)?;
        let payload = if json { serde_json::from_slice(body).ok()? } else { json!(body) };
        let mut take = |name: &str| parts.remove(name).filter(|part| !part.is_empty());
        let mut said = json!({ "type": "broadcast", "event": take("event"), "payload": payload });
        if let Some(meta) = take("meta") {
            said["meta"] = serde_json::from_str(&meta).ok()?;
        }
        Some(Self {
            join_ref: take("join_ref"),
            reference: take("ref"),
            topic: take("topic")?,
            event: "broadcast".to_owned(),
            payload: said,
            binary: Some((kind, json)),
        })
    }
}
