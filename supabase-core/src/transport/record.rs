//! A transport for tests: it keeps what was sent and answers what it was told to.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};

use super::{Body, BoxFuture, HttpRequest, HttpResponse, ResponseBody, Transport};
use crate::error::{Error, ErrorKind};

/// One request as it was sent.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Sent {
    /// The method.
    pub method: Method,
    /// The whole URL.
    pub url: String,
    /// Every header.
    pub headers: HeaderMap,
    /// The body; streams are read to their end.
    pub body: Bytes,
}

/// One answer to give.
#[derive(Debug, Clone)]
pub struct Reply {
    status: StatusCode,
    headers: HeaderMap,
    body: Bytes,
    error: Option<ErrorKind>,
}

impl Reply {
    /// An answer with a JSON body.
    pub fn json(status: StatusCode, body: impl Into<String>) -> Self {
        let mut headers = HeaderMap::new();
        headers
            .insert(http::header::CONTENT_TYPE, const { HeaderValue::from_static("application/json; charset=utf-8") });
        Self { status, headers, body: Bytes::from(body.into()), error: None }
    }

    /// An answer without a body.
    #[must_use]
    pub fn empty(status: StatusCode) -> Self {
        Self { status, headers: HeaderMap::new(), body: Bytes::new(), error: None }
    }

    /// No answer: the connection fails.
    #[must_use]
    pub fn failure(kind: ErrorKind) -> Self {
        Self { error: Some(kind), ..Self::empty(StatusCode::OK) }
    }

    /// Adds a header. Names and values that HTTP does not allow are left out.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        if let (Ok(name), Ok(value)) = (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            self.headers.append(name, value);
        }
        self
    }

    /// Replaces the body.
    #[must_use]
    pub fn body(mut self, body: impl Into<Bytes>) -> Self {
        self.body = body.into();
        self
    }
}

/// A transport that keeps every request and answers from a list, in order; when the list is used
/// up, the last answer is given again.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")] async fn main() -> supabase_core::Result<()> {
/// use supabase_core::transport::{Recording, Reply};
/// use supabase_core::Client;
///
/// let recording = Recording::new([Reply::json(http::StatusCode::OK, r#"[{"id":1}]"#)]);
/// let supabase = Client::builder("https://example.supabase.co", "key").transport(recording.clone()).build()?;
/// let rows: Vec<serde_json::Value> = supabase.from("planets").select("id").eq("id", 1).await?;
/// assert_eq!(rows.len(), 1);
/// assert!(recording.sent()[0].url.ends_with("/rest/v1/planets?select=id&id=eq.1"));
/// # Ok(()) }
/// ```
#[derive(Debug, Clone, Default)]
pub struct Recording {
    shared: Arc<Mutex<Shared>>,
}

#[derive(Debug, Default)]
struct Shared {
    replies: VecDeque<Reply>,
    sent: Vec<Sent>,
}

impl Recording {
    /// Answers with these, in order.
    pub fn new(replies: impl IntoIterator<Item = Reply>) -> Self {
        Self { shared: Arc::new(Mutex::new(Shared { replies: replies.into_iter().collect(), sent: Vec::new() })) }
    }

    /// What has been sent so far.
    #[must_use]
    pub fn sent(&self) -> Vec<Sent> {
        self.lock().sent.clone()
    }

    fn lock(&self) -> MutexGuard<'_, Shared> {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Transport for Recording {
    fn send(&self, request: HttpRequest) -> BoxFuture<'static, Result<HttpResponse, Error>> {
        let this = self.clone();
        Box::pin(async move {
            let HttpRequest { method, url, headers, body, .. } = request;
            let body = match body {
                Body::Empty => Bytes::new(),
                Body::Bytes(bytes) => bytes,
                Body::Stream { stream, .. } => {
                    let parts = ResponseBody::from_stream(futures_util::StreamExt::map(stream, |part| {
                        part.map_err(|error| Error::new(ErrorKind::Offline, "the body failed").with_source(error))
                    }));
                    parts.bytes().await?
                }
            };
            let mut shared = this.lock();
            shared.sent.push(Sent { method, url, headers, body });
            let reply =
                if shared.replies.len() > 1 { shared.replies.pop_front() } else { shared.replies.front().cloned() };
            let reply = reply.unwrap_or_else(|| Reply::json(StatusCode::OK, "[]"));
            match reply.error {
                Some(kind) => Err(Error::new(kind, "the recording was told to fail")),
                None => Ok(HttpResponse::new(reply.status, reply.headers, ResponseBody::from_bytes(reply.body))),
            }
        })
    }
}
