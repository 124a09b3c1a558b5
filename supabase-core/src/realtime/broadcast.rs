//! Broadcasts: messages of users to each other.

use bytes::Bytes;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;

use super::protocol::Body;
use super::status::Gap;
use crate::error::{Error, ErrorKind, Result};

/// A message that somebody broadcast.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct BroadcastMessage {
    /// The event that the sender named.
    pub event: String,
    /// The id that the server gave it, where it was sent from the database or over HTTP.
    pub id: Option<String>,
    /// Whether it was sent before the channel was joined, and is replayed.
    pub replayed: bool,
    body: Body,
}

#[derive(Deserialize, Default)]
struct Meta {
    id: Option<String>,
    #[serde(default)]
    replayed: bool,
}

#[derive(Deserialize)]
struct Json {
    event: String,
    payload: Option<Box<RawValue>>,
    meta: Option<Meta>,
}

impl BroadcastMessage {
    pub(crate) fn from_json(payload: &RawValue) -> Option<Self> {
        let Json { event, payload, meta } = serde_json::from_str(payload.get()).ok()?;
        let Meta { id, replayed } = meta.unwrap_or_default();
        let body = Body::Json(payload.map_or_else(|| "null".to_owned(), |payload| payload.get().to_owned()));
        Some(Self { event, id, replayed, body })
    }

    pub(crate) fn from_parts(event: String, meta: Option<&RawValue>, body: Body) -> Self {
        let Meta { id, replayed } = meta.and_then(|meta| serde_json::from_str(meta.get()).ok()).unwrap_or_default();
        Self { event, id, replayed, body }
    }

    /// The payload, read from JSON.
    ///
    /// # Errors
    /// [`ErrorKind::Decode`] when it is bytes, or JSON that is not that type's.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T> {
        match &self.body {
            Body::Json(text) => serde_json::from_str(text).map_err(|error| {
                let why = format!("the payload of the broadcast `{}` is not this JSON: {error}", self.event);
                Error::new(ErrorKind::Decode, why).with_source(error)
            }),
            Body::Bytes(_) => {
                let why = format!("the payload of the broadcast `{}` is bytes: read it with `.bytes()`", self.event);
                Err(Error::new(ErrorKind::Decode, why))
            }
        }
    }

    /// The payload as bytes: what was sent, or the text of the JSON.
    #[must_use]
    pub fn bytes(&self) -> Bytes {
        match &self.body {
            Body::Json(text) => Bytes::from(text.clone()),
            Body::Bytes(bytes) => bytes.clone(),
        }
    }

    /// Whether the payload was sent as bytes rather than JSON.
    #[must_use]
    pub fn is_binary(&self) -> bool {
        matches!(self.body, Body::Bytes(_))
    }
}

/// What a subscription to broadcasts gives.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Broadcast {
    /// A message.
    Message(std::sync::Arc<BroadcastMessage>),
    /// The channel was away; messages may have been missed.
    Gap(Gap),
    /// So many messages were dropped, because they were not read in time.
    Lagged(u64),
}

impl Broadcast {
    /// The message, if it is one.
    #[must_use]
    pub fn message(&self) -> Option<&BroadcastMessage> {
        match self {
            Self::Message(message) => Some(message),
            _ => None,
        }
    }
}
