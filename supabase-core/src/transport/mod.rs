//! How requests leave and answers arrive.
//!
//! [`Transport`] is one object-safe method. The client uses [`Http`] (reqwest); a test of an
//! application hands in a [`Recording`] and looks at what was sent.

mod base_url;
mod body;
mod http_client;
mod record;
mod retry;

pub use body::{Body, ResponseBody};
pub use http_client::Http;
pub use record::{Recording, Reply, Sent};
/// The HTTP client under [`Http`], for its settings. A new major version of it is a breaking change here.
pub use reqwest;
pub use retry::{RetryPolicy, Sleep};

pub(crate) use base_url::BaseUrl;
pub(crate) use retry::Attempt;
#[cfg(feature = "realtime")]
pub(crate) use retry::jitter;

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use http::{HeaderMap, Method, StatusCode};

use crate::error::Error;

/// A boxed future that may move between threads.
pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// A request with everything in it, keys included.
#[derive(Debug)]
#[non_exhaustive]
pub struct HttpRequest {
    /// The method.
    pub method: Method,
    /// The whole URL, percent-encoded.
    pub url: String,
    /// Every header.
    pub headers: HeaderMap,
    /// The body.
    pub body: Body,
    /// How long to wait for the head of the answer, and between two parts of its body.
    pub timeout: Option<Duration>,
    /// What the URL starts with, parsed.
    pub(crate) base: Option<Arc<BaseUrl>>,
}

/// An answer whose body has not been read.
#[derive(Debug)]
#[non_exhaustive]
pub struct HttpResponse {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body, as it arrives.
    pub body: ResponseBody,
}

impl HttpResponse {
    /// An answer from its parts.
    #[must_use]
    pub fn new(status: StatusCode, headers: HeaderMap, body: ResponseBody) -> Self {
        Self { status, headers, body }
    }
}

/// Sends one request, once.
///
/// Implementations neither retry nor look at the status: an answer of any status is `Ok`. They
/// report [`ErrorKind::Timeout`](crate::ErrorKind::Timeout) and
/// [`ErrorKind::Offline`](crate::ErrorKind::Offline).
pub trait Transport: Send + Sync + 'static {
    /// Sends the request.
    fn send(&self, request: HttpRequest) -> BoxFuture<'static, Result<HttpResponse, Error>>;
}
