//! Broadcasts over HTTP.

use std::future::IntoFuture;
use std::time::Duration;

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderValue, Method, StatusCode};
use serde::Serialize;
use serde_json::{Value, json};

use super::channel::only_private;
use crate::client::{Client, RequestOptions, ServiceRequest};
use crate::error::{Error, ErrorBody, ErrorKind, Result, Service};
use crate::query::percent;
use crate::transport::{Body, BoxFuture};

/// One broadcast over HTTP. Awaiting it sends it.
#[must_use = "nothing is sent before the broadcast is awaited"]
pub struct HttpBroadcast {
    client: Client,
    target: String,
    query: Vec<String>,
    body: Bytes,
    kind: &'static str,
    private: bool,
    topic: String,
    refusal: Option<String>,
    options: RequestOptions,
}

/// Where it goes, and not what it says.
impl std::fmt::Debug for HttpBroadcast {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("HttpBroadcast")
            .field("path", &self.target)
            .field("query", &self.query)
            .finish_non_exhaustive()
    }
}

impl HttpBroadcast {
    pub(crate) fn new(client: Client, topic: &str, event: &str, private: bool) -> Self {
        let mut target = String::from("/realtime/v1/api/broadcast/");
        percent::encode_segment(&mut target, topic);
        target.push_str("/events/");
        percent::encode_segment(&mut target, event);
        let refusal = [topic, event]
            .iter()
            .any(|name| matches!(*name, "" | "." | ".."))
            .then(|| format!("`{topic}` and `{event}` cannot be a topic and an event in a URL"));
        Self {
            client,
            target,
            query: if private { vec!["private=true".to_owned()] } else { Vec::new() },
            body: Bytes::from_static(b"{}"),
            kind: "application/json",
            private,
            topic: topic.to_owned(),
            refusal,
            options: RequestOptions::default(),
        }
    }

    /// A payload of JSON.
    pub fn json<T: Serialize + ?Sized>(mut self, payload: &T) -> Self {
        match serde_json::to_vec(payload) {
            Ok(json) => {
                self.body = json.into();
                self.kind = "application/json";
            }
            Err(error) => {
                self.refusal.get_or_insert(format!("the payload cannot be written as JSON: {error}"));
            }
        }
        self
    }

    /// A payload of bytes.
    pub fn bytes(mut self, payload: impl Into<Bytes>) -> Self {
        self.body = payload.into();
        self.kind = "application/octet-stream";
        self
    }

    /// Keeps the message, so that it can be replayed; for so long, or as long as the server likes. Private channels
    /// only.
    pub fn persist(mut self, lifetime: impl Into<Option<Duration>>) -> Self {
        if !self.private {
            self.refusal.get_or_insert_with(|| only_private(&self.topic));
        }
        self.query.push(match lifetime.into() {
            None => "persist=true".to_owned(),
            Some(lifetime) => format!("persist%5Bttl%5D={}", lifetime.as_secs()),
        });
        self
    }

    /// How long to wait for the answer; `None` waits for ever.
    pub fn timeout(mut self, timeout: impl Into<Option<Duration>>) -> Self {
        self.options.timeout = Some(timeout.into());
        self
    }

    /// Sends the broadcast.
    ///
    /// # Errors
    /// What the service refuses; that nobody may hear it is not an error.
    pub async fn send(self) -> Result<()> {
        if let Some(refusal) = self.refusal {
            return Err(Error::new(ErrorKind::Refused, refusal));
        }
        let mut target = self.target;
        if !self.query.is_empty() {
            target.push('?');
            target.push_str(&self.query.join("&"));
        }
        post(&self.client, target, self.kind, self.body, self.options).await
    }
}

impl IntoFuture for HttpBroadcast {
    type Output = Result<()>;
    type IntoFuture = BoxFuture<'static, Self::Output>;
    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.send())
    }
}

/// Several broadcasts in one request, made by [`Realtime::broadcast`](super::Realtime::broadcast).
#[must_use = "nothing is sent before the batch is awaited"]
pub struct BroadcastBatch {
    client: Client,
    messages: Vec<Value>,
    refusal: Option<String>,
}

/// How many there are, and not what they say.
impl std::fmt::Debug for BroadcastBatch {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("BroadcastBatch").field("messages", &self.messages.len()).finish_non_exhaustive()
    }
}

impl BroadcastBatch {
    pub(crate) fn new(client: Client) -> Self {
        Self { client, messages: Vec::new(), refusal: None }
    }

    /// Adds a message to a public channel.
    pub fn message<T: Serialize + ?Sized>(self, topic: &str, event: &str, payload: &T) -> Self {
        self.add(topic, event, payload, false)
    }

    /// Adds a message to a private channel.
    pub fn private_message<T: Serialize + ?Sized>(self, topic: &str, event: &str, payload: &T) -> Self {
        self.add(topic, event, payload, true)
    }

    fn add<T: Serialize + ?Sized>(mut self, topic: &str, event: &str, payload: &T, private: bool) -> Self {
        match serde_json::to_value(payload) {
            Ok(payload) => {
                self.messages.push(json!({ "topic": topic, "event": event, "payload": payload, "private": private }));
            }
            Err(error) => {
                self.refusal.get_or_insert(format!("the payload of `{event}` cannot be written as JSON: {error}"));
            }
        }
        self
    }

    /// Sends the batch.
    ///
    /// # Errors
    /// What the service refuses.
    pub async fn send(self) -> Result<()> {
        if let Some(refusal) = self.refusal {
            return Err(Error::new(ErrorKind::Refused, refusal));
        }
        let body = json!({ "messages": self.messages }).to_string();
        let target = "/realtime/v1/api/broadcast".to_owned();
        post(&self.client, target, "application/json", body.into(), RequestOptions::default()).await
    }
}

impl IntoFuture for BroadcastBatch {
    type Output = Result<()>;
    type IntoFuture = BoxFuture<'static, Self::Output>;
    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.send())
    }
}

async fn post(client: &Client, target: String, kind: &'static str, body: Bytes, options: RequestOptions) -> Result<()> {
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    let request = ServiceRequest {
        method: Method::POST,
        target: target.clone(),
        headers,
        body: Body::Bytes(body),
        // Sent twice it would be heard twice.
        idempotent: false,
        options,
    };
    let response = client.send(request).await?;
    let status = response.status;
    let headers = response.headers;
    let named = |error: Error| error.with_request(&Method::POST, &target);
    let body = response.body.bytes().await.map_err(named)?;
    if status.is_success() {
        return Ok(());
    }
    let text = String::from_utf8_lossy(&body).into_owned();
    let said: Option<Value> = serde_json::from_str(&text).ok();
    let message = said
        .as_ref()
        .and_then(|said| said.get("message").or_else(|| said.get("error")))
        .and_then(Value::as_str)
        .map_or_else(|| text.chars().take(200).collect(), str::to_owned);
    let kind = match status {
        StatusCode::UNAUTHORIZED => ErrorKind::Unauthenticated,
        StatusCode::FORBIDDEN => ErrorKind::PermissionDenied,
        StatusCode::NOT_FOUND => ErrorKind::NotFound,
        StatusCode::TOO_MANY_REQUESTS => ErrorKind::RateLimited,
        StatusCode::BAD_REQUEST | StatusCode::UNSUPPORTED_MEDIA_TYPE | StatusCode::UNPROCESSABLE_ENTITY => {
            ErrorKind::InvalidInput
        }
        status if status.is_server_error() => ErrorKind::Unavailable,
        _ => ErrorKind::Api,
    };
    let body = ErrorBody { status, headers, code: None, message, details: None, hint: None, text };
    Err(named(Error::new(kind, "").with_body(body).from_service(Service::Realtime)))
}
