//! What a function answers.

use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use futures_util::Stream;
use http::{HeaderMap, StatusCode};
use serde::de::DeserializeOwned;

use super::event::{Events, TypedEvents};
use super::part::{self, AnsweredPart};
use crate::error::{Error, ErrorKind, Result};
use crate::transport::ResponseBody;

/// The whole answer of a function, with a status of 2xx.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct FunctionAnswer {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    body: Bytes,
}

impl FunctionAnswer {
    pub(super) fn new(status: StatusCode, headers: HeaderMap, body: Bytes) -> Self {
        Self { status, headers, body }
    }

    /// The body as bytes.
    #[must_use]
    pub fn bytes(self) -> Bytes {
        self.body
    }

    /// The body as text.
    ///
    /// # Errors
    /// [`ErrorKind::Decode`] when the body is not UTF-8.
    pub fn text(self) -> Result<String> {
        String::from_utf8(self.body.into()).map_err(|error| {
            Error::new(ErrorKind::Decode, "the function's answer is not UTF-8: read it with `.bytes()`")
                .with_source(error)
        })
    }

    /// The parts of a body of the type `multipart/form-data`, in their order.
    ///
    /// # Errors
    /// [`ErrorKind::Decode`] when the body is of another type, or cut off.
    pub async fn parts(self) -> Result<Vec<AnsweredPart>> {
        part::read(&self.headers, self.body).await
    }

    /// The body as JSON, read into any type.
    ///
    /// # Errors
    /// [`ErrorKind::Decode`] when the body is not JSON, or not that type's.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T> {
        serde_json::from_slice(&self.body).map_err(|error| {
            let kind =
                self.headers.get(http::header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or("none");
            Error::new(
                ErrorKind::Decode,
                format!("the function's answer (content type {kind}) is not this JSON: {error}"),
            )
            .with_source(error)
        })
    }
}

/// The answer of a function part by part: a `Stream` of bytes as they arrive.
#[derive(Debug)]
#[non_exhaustive]
pub struct StreamedAnswer {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    body: ResponseBody,
}

impl StreamedAnswer {
    pub(super) fn new(status: StatusCode, headers: HeaderMap, body: ResponseBody) -> Self {
        Self { status, headers, body }
    }

    /// The body as Server-Sent Events (`text/event-stream`).
    pub fn events(self) -> Events {
        Events::new(self.body)
    }

    /// The body as Server-Sent Events whose data are JSON.
    pub fn json_events<T: DeserializeOwned>(self) -> TypedEvents<T> {
        TypedEvents::new(self.events())
    }

    /// Reads the rest at once.
    ///
    /// # Errors
    /// Fails when the connection breaks or the next part does not come in time.
    pub async fn bytes(self) -> Result<Bytes> {
        self.body.bytes().await
    }
}

impl Stream for StreamedAnswer {
    type Item = Result<Bytes>;
    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        Pin::new(&mut self.body).poll_next(context)
    }
}
