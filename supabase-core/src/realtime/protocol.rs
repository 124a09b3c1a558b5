//! Frames: what is said on the socket, in both versions of the protocol.

use bytes::{BufMut, Bytes, BytesMut};
use serde::Deserialize;
use serde_json::value::RawValue;

use super::connector::Message;

/// The version of the protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum Version {
    /// `1.0.0`: every frame is a JSON object; broadcasts of bytes cannot be sent.
    V1,
    /// `2.0.0`: JSON arrays, and broadcasts in binary frames.
    #[default]
    V2,
}

impl Version {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::V1 => "1.0.0",
            Self::V2 => "2.0.0",
        }
    }
}

/// The body of a broadcast.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Body {
    /// JSON text.
    Json(String),
    Bytes(Bytes),
}

/// What a client says.
#[derive(Debug)]
pub(crate) struct Outgoing<'a> {
    pub(crate) join_ref: Option<&'a str>,
    pub(crate) reference: &'a str,
    /// With `realtime:` in front.
    pub(crate) topic: &'a str,
    pub(crate) event: Event<'a>,
}

#[derive(Debug)]
pub(crate) enum Event<'a> {
    /// A Phoenix event and its payload, JSON text.
    Plain(&'a str, &'a str),
    /// A broadcast: the user's event, the body, and the meta, JSON text or nothing.
    Broadcast(&'a str, &'a Body, &'a str),
}

/// What the server says.
#[derive(Debug)]
pub(crate) struct Incoming {
    pub(crate) join_ref: Option<String>,
    pub(crate) reference: Option<String>,
    pub(crate) topic: String,
    pub(crate) event: String,
    pub(crate) payload: Payload,
}

#[derive(Debug)]
pub(crate) enum Payload {
    Json(Box<RawValue>),
    /// A broadcast in a binary frame: meta, and the body.
    Broadcast {
        event: String,
        meta: Option<Box<RawValue>>,
        body: Body,
    },
    /// Bytes in one of Phoenix's own layouts; `true` for a reply that says ok.
    Bytes(bool),
}

fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

fn or_null(text: Option<&str>) -> String {
    text.map_or_else(|| "null".to_owned(), quoted)
}

/// Why a frame cannot be said.
pub(crate) fn encode(version: Version, out: &Outgoing<'_>) -> Result<Message, String> {
    let Outgoing { join_ref, reference, topic, event } = out;
    match (version, event) {
        (Version::V2, Event::Plain(event, payload)) => Ok(Message::Text(format!(
            "[{},{},{},{},{payload}]",
            or_null(*join_ref),
            quoted(reference),
            quoted(topic),
            quoted(event)
        ))),
        (Version::V1, Event::Plain(event, payload)) => Ok(v1(*join_ref, reference, topic, event, payload)),
        (Version::V1, Event::Broadcast(event, Body::Json(json), meta)) => {
            let meta = if meta.is_empty() { String::new() } else { format!(",\"meta\":{meta}") };
            let payload = format!("{{\"type\":\"broadcast\",\"event\":{},\"payload\":{json}{meta}}}", quoted(event));
            Ok(v1(*join_ref, reference, topic, "broadcast", &payload))
        }
        (Version::V1, Event::Broadcast(_, Body::Bytes(_), _)) => {
            Err("version 1.0.0 of the protocol cannot broadcast bytes: use 2.0.0".to_owned())
        }
        (Version::V2, Event::Broadcast(event, body, meta)) => {
            let parts = [join_ref.unwrap_or_default(), reference, topic, event, meta];
            let (kind, body) = match body {
                Body::Json(json) => (1, json.as_bytes()),
                Body::Bytes(bytes) => (0, bytes.as_ref()),
            };
            let mut frame =
                BytesMut::with_capacity(7 + parts.iter().map(|part| part.len()).sum::<usize>() + body.len());
            frame.put_u8(3);
            for part in parts {
                frame.put_u8(u8::try_from(part.len()).map_err(|_| {
                    format!("`{part}` has more than 255 bytes, which the topic and the event of a broadcast cannot")
                })?);
            }
            frame.put_u8(kind);
            for part in parts {
                frame.put(part.as_bytes());
            }
            frame.put(body);
            Ok(Message::Binary(frame.freeze()))
        }
    }
}

fn v1(join_ref: Option<&str>, reference: &str, topic: &str, event: &str, payload: &str) -> Message {
    Message::Text(format!(
        "{{\"topic\":{},\"event\":{},\"payload\":{payload},\"ref\":{},\"join_ref\":{}}}",
        quoted(topic),
        quoted(event),
        quoted(reference),
        or_null(join_ref)
    ))
}

#[derive(Deserialize)]
struct Object {
    topic: String,
    event: String,
    payload: Box<RawValue>,
    #[serde(default, rename = "ref")]
    reference: Option<String>,
    #[serde(default)]
    join_ref: Option<String>,
}

/// Reads a frame; `None` for one that is none of the protocol's, which is left out.
pub(crate) fn decode(message: &Message) -> Option<Incoming> {
    match message {
        Message::Text(text) if text.trim_start().starts_with('[') => {
            let (join_ref, reference, topic, event, payload): (
                Option<String>,
                Option<String>,
                String,
                String,
                Box<RawValue>,
            ) = serde_json::from_str(text).ok()?;
            Some(Incoming { join_ref, reference, topic, event, payload: Payload::Json(payload) })
        }
        Message::Text(text) => {
            let Object { topic, event, payload, reference, join_ref } = serde_json::from_str(text).ok()?;
            Some(Incoming { join_ref, reference, topic, event, payload: Payload::Json(payload) })
        }
        Message::Binary(bytes) => binary(bytes),
        Message::Close(_) => None,
    }
}

fn binary(frame: &Bytes) -> Option<Incoming> {
    let kind = *frame.first()?;
    let (sizes, extra) = match kind {
        4 => (3, 1),
        1 => (4, 0),
        0 => (3, 0),
        2 => (2, 0),
        _ => return None,
    };
    let mut at = 1 + sizes + extra;
    let mut parts = Vec::with_capacity(sizes);
    for size in frame.get(1..=sizes)? {
        let end = at + usize::from(*size);
        parts.push(std::str::from_utf8(frame.get(at..end)?).ok()?.to_owned());
        at = end;
    }
    let body = frame.slice(at..);
    let mut parts = parts.into_iter();
    let mut next = || parts.next().unwrap_or_default();
    let named = |join_ref: String| Some(join_ref).filter(|text| !text.is_empty());
    match kind {
        4 => {
            let (topic, event, meta) = (next(), next(), next());
            let meta = if meta.is_empty() { None } else { RawValue::from_string(meta).ok() };
            let body = if frame.get(4) == Some(&1) {
                let text = String::from_utf8(body.to_vec()).ok()?;
                serde_json::from_str::<&RawValue>(&text).ok()?;
                Body::Json(text)
            } else {
                Body::Bytes(body)
            };
            let payload = Payload::Broadcast { event, meta, body };
            Some(Incoming { join_ref: None, reference: None, topic, event: "broadcast".to_owned(), payload })
        }
        1 => {
            let (join_ref, reference, topic, status) = (next(), next(), next(), next());
            let payload = Payload::Bytes(status == "ok");
            Some(Incoming {
                join_ref: named(join_ref),
                reference: Some(reference),
                topic,
                event: "phx_reply".to_owned(),
                payload,
            })
        }
        0 => {
            let (join_ref, topic, event) = (next(), next(), next());
            Some(Incoming { join_ref: named(join_ref), reference: None, topic, event, payload: Payload::Bytes(true) })
        }
        _ => {
            let (topic, event) = (next(), next());
            let payload = Payload::Broadcast { event, meta: None, body: Body::Bytes(body) };
            Some(Incoming { join_ref: None, reference: None, topic, event: "broadcast".to_owned(), payload })
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)] // a test may fail by panicking

    use super::*;

    fn hex(text: &str) -> Bytes {
        text.split(' ').map(|byte| u8::from_str_radix(byte, 16).unwrap()).collect::<Vec<u8>>().into()
    }

    #[test]
    fn a_broadcast_is_the_recorded_frame() {
        let body = Body::Json("{\"x\":1,\"u\":\"ü\"}".to_owned());
        let out = Outgoing {
            join_ref: Some("6"),
            reference: "7",
            topic: "realtime:room1",
            event: Event::Broadcast("cursor-pos é", &body, ""),
        };
        let wanted = hex(
            "03 01 01 0e 0d 00 01 36 37 72 65 61 6c 74 69 6d 65 3a 72 6f 6f 6d 31 63 75 72 73 6f 72 2d 70 6f 73 20 c3 a9 7b 22 78 22 3a 31 2c 22 75 22 3a 22 c3 bc 22 7d",
        );
        assert_eq!(encode(Version::V2, &out), Ok(Message::Binary(wanted)));
        let long = "x".repeat(256);
        let out = Outgoing { event: Event::Broadcast(&long, &body, ""), ..out };
        assert!(encode(Version::V2, &out).is_err());
    }

    #[test]
    fn a_received_broadcast_is_read() {
        let frame = hex(
            "04 0e 06 1b 01 72 65 61 6c 74 69 6d 65 3a 72 6f 6f 6d 31 65 76 74 20 c3 a9 7b 22 72 65 70 6c 61 79 65 64 22 3a 74 72 75 65 2c 22 69 64 22 3a 22 6d 31 22 7d 7b 22 78 22 3a 22 c3 bc 22 7d",
        );
        let read = decode(&Message::Binary(frame.clone())).unwrap();
        assert_eq!(read.topic, "realtime:room1");
        let Payload::Broadcast { event, meta, body } = read.payload else { unreachable!("kind 4 is a broadcast") };
        assert_eq!((&*event, meta.unwrap().get()), ("evt é", "{\"replayed\":true,\"id\":\"m1\"}"));
        assert_eq!(body, Body::Json("{\"x\":\"ü\"}".to_owned()));
        for end in 0..frame.len() - 12 {
            // A frame that was cut is no frame, and no panic.
            let _ = decode(&Message::Binary(frame.slice(..end)));
        }
    }

    #[test]
    fn what_is_no_frame_is_left_out() {
        for text in ["", "null", "[1,2]", "{\"topic\":1}", "[null,null,\"t\",\"e\"]"] {
            assert!(decode(&Message::Text(text.to_owned())).is_none(), "{text}");
        }
    }
}
