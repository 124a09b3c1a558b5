//! Frames of both versions of the protocol, as the server reads and writes them.

use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::{Bytes, Message};

/// The version that a client asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Version {
    V1,
    V2,
}

/// A frame of a client.
#[derive(Debug)]
pub(super) struct Incoming {
    pub(super) join_ref: Option<String>,
    pub(super) reference: Option<String>,
    pub(super) topic: String,
    pub(super) event: String,
    pub(super) payload: Payload,
}

#[derive(Debug, Clone)]
pub(super) enum Payload {
    Json(Value),
    /// A broadcast in a binary frame.
    User {
        event: String,
        meta: Value,
        body: Body,
    },
}

/// The body of a broadcast.
#[derive(Debug, Clone)]
pub(super) enum Body {
    Json(Vec<u8>),
    Bytes(Vec<u8>),
}

fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// Reads a frame; anything else is dropped, and the socket stays open.
pub(super) fn decode(message: &Message) -> Option<Incoming> {
    match message {
        Message::Text(frame) => match serde_json::from_str(frame.as_str()).ok()? {
            Value::Array(parts) => {
                let [join_ref, reference, topic, event, payload] = <[Value; 5]>::try_from(parts).ok()?;
                Some(Incoming {
                    join_ref: text(&join_ref),
                    reference: text(&reference),
                    topic: topic.as_str()?.to_owned(),
                    event: event.as_str()?.to_owned(),
                    payload: Payload::Json(payload),
                })
            }
            Value::Object(mut parts) => Some(Incoming {
                join_ref: parts.get("join_ref").and_then(text),
                reference: parts.get("ref").and_then(text),
                topic: parts.get("topic")?.as_str()?.to_owned(),
                event: parts.get("event")?.as_str()?.to_owned(),
                payload: Payload::Json(parts.remove("payload").unwrap_or_default()),
            }),
            _ => None,
        },
        Message::Binary(frame) => user_broadcast(frame),
        _ => None,
    }
}

fn user_broadcast(frame: &[u8]) -> Option<Incoming> {
    if *frame.first()? != 3 {
        return None;
    }
    let sizes = frame.get(1..6)?;
    let json = *frame.get(6)? == 1;
    let mut at = 7;
    let mut parts = Vec::new();
    for size in sizes {
        let end = at + usize::from(*size);
        parts.push(String::from_utf8(frame.get(at..end)?.to_vec()).ok()?);
        at = end;
    }
    let [join_ref, reference, topic, event, meta] = <[String; 5]>::try_from(parts).ok()?;
    let body = frame.get(at..)?.to_vec();
    let named = |text: String| Some(text).filter(|text| !text.is_empty());
    Some(Incoming {
        join_ref: named(join_ref),
        reference: named(reference),
        topic,
        event: "broadcast".to_owned(),
        payload: Payload::User {
            event,
            meta: serde_json::from_str(&meta).unwrap_or_default(),
            body: if json { Body::Json(body) } else { Body::Bytes(body) },
        },
    })
}

/// A frame with a JSON payload.
pub(super) fn push(
    version: Version,
    join_ref: Option<&str>,
    reference: Option<&str>,
    topic: &str,
    event: &str,
    payload: &Value,
) -> Message {
    let frame = match version {
        Version::V1 => {
            json!({ "topic": topic, "event": event, "payload": payload, "ref": reference })
        }
        Version::V2 => json!([join_ref, reference, topic, event, payload]),
    };
    Message::text(frame.to_string())
}

/// A broadcast to one client; `None` where its version cannot carry it.
pub(super) fn broadcast(
    version: Version,
    topic: &str,
    event: &str,
    meta: Option<&Value>,
    body: &Body,
) -> Option<Message> {
    match version {
        Version::V1 => {
            let Body::Json(json) = body else { return None };
            let payload: Value = serde_json::from_slice(json).ok()?;
            let mut payload = json!({ "event": event, "payload": payload, "type": "broadcast" });
            if let Some(meta) = meta {
                payload["meta"] = meta.clone();
            }
            Some(push(version, None, None, topic, "broadcast", &payload))
        }
        Version::V2 => {
            let meta = meta.map(Value::to_string).unwrap_or_default();
            let (kind, body) = match body {
                Body::Json(json) => (1, json),
                Body::Bytes(bytes) => (0, bytes),
            };
            let mut frame = vec![4];
            for part in [topic, event, &meta] {
                frame.push(u8::try_from(part.len()).ok()?);
            }
            frame.push(kind);
            for part in [topic, event, &meta] {
                frame.extend_from_slice(part.as_bytes());
            }
            frame.extend_from_slice(body);
            Some(Message::Binary(Bytes::from(frame)))
        }
    }
}
