//! What every call of this service holds, and the call without options of its own.

use std::future::IntoFuture;
use std::time::Duration;

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use serde::Serialize;

use super::respond;
use crate::client::{Client, RequestOptions, ServiceRequest};
use crate::error::{Error, ErrorKind, Result};
use crate::transport::{Body, BoxFuture, HttpResponse, RetryPolicy};

/// A request that is being put together. The first thing that cannot be sent is kept.
pub(crate) struct Pending {
    pub(crate) client: Client,
    pub(crate) method: Method,
    /// Path and query below `/storage/v1`.
    pub(crate) target: String,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Body,
    pub(crate) idempotent: bool,
    /// Whether it removes something. Its answer may be lost although it did; a repetition then finds nothing where
    /// the first one found what it removed, or removes what somebody has put there since. So it is repeated only if
    /// this very request was told how.
    pub(crate) removes: bool,
    pub(crate) options: RequestOptions,
    pub(crate) refusal: Option<Error>,
}

impl std::fmt::Debug for Pending {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let path = self.target.split('?').next().unwrap_or_default();
        out.debug_struct("Pending").field("method", &self.method).field("path", &path).finish_non_exhaustive()
    }
}

impl Pending {
    pub(crate) fn new(client: &Client, method: Method, target: impl Into<String>) -> Self {
        let idempotent = matches!(method, Method::GET | Method::HEAD | Method::PUT | Method::OPTIONS);
        let removes = method == Method::DELETE;
        Self {
            client: client.clone(),
            method,
            target: target.into(),
            headers: HeaderMap::new(),
            body: Body::Empty,
            idempotent,
            removes,
            options: RequestOptions::default(),
            refusal: None,
        }
    }

    /// Says of a request that is no DELETE that it removes something.
    pub(crate) fn removing(mut self) -> Self {
        self.removes = true;
        self
    }

    pub(crate) fn check<T>(mut self, checked: Result<T>) -> Self {
        self.refuse(checked);
        self
    }

    pub(crate) fn refuse<T>(&mut self, checked: Result<T>) {
        if let Err(error) = checked {
            self.refusal.get_or_insert(error);
        }
    }

    pub(crate) fn json(mut self, body: &impl Serialize) -> Self {
        match serde_json::to_vec(body) {
            Ok(bytes) => {
                self.body = Body::Bytes(Bytes::from(bytes));
                self.headers.insert(CONTENT_TYPE, const { HeaderValue::from_static("application/json") });
            }
            Err(error) => {
                self.refuse::<()>(Err(Error::new(
                    ErrorKind::Refused,
                    format!("a value cannot be written as JSON: {error}"),
                )));
            }
        }
        self
    }

    pub(crate) fn query(&mut self, name: &str, value: &str) {
        push_query(&mut self.target, name, value);
    }

    pub(crate) fn header(&mut self, name: &str, value: &str) {
        match (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            (Ok(name), Ok(mut value)) => {
                // It may be a key of another service.
                value.set_sensitive(true);
                self.options.headers.get_or_insert_default().insert(name, value);
            }
            _ => self.refuse::<()>(Err(Error::new(
                ErrorKind::Refused,
                format!("`{name}` with this value cannot be a header"),
            ))),
        }
    }

    /// Sends it; an answer of any status is `Ok`.
    pub(crate) async fn open(self) -> Result<HttpResponse> {
        if let Some(refusal) = self.refusal {
            return Err(refusal);
        }
        let mut options = self.options;
        let idempotent = self.idempotent || (self.removes && options.retry.is_some());
        let policy = options.retry.take().unwrap_or_else(|| self.client.retry_policy().clone());
        options.retry = Some(policy.for_storage());
        self.client
            .send(ServiceRequest {
                method: self.method,
                target: format!("/storage/v1{}", self.target),
                headers: self.headers,
                body: self.body,
                idempotent,
                options,
            })
            .await
    }

    /// Sends it and reads the whole answer, or the error that it is.
    pub(crate) async fn send(self) -> Result<(HeaderMap, Bytes)> {
        let (method, path) = (self.method.clone(), format!("/storage/v1{}", self.target));
        let named = |error: Error| error.with_request(&method, &path);
        let response = self.open().await?;
        let (_, headers, body) = respond::accepted(response).await.map_err(named)?;
        Ok((headers, body))
    }
}

/// Appends a pair to the query of a target or URL.
pub(crate) fn push_query(target: &mut String, name: &str, value: &str) {
    target.push(if target.contains('?') { '&' } else { '?' });
    crate::query::percent_encode(target, name);
    target.push('=');
    crate::query::percent_encode(target, value);
}

/// A request to the storage service without options of its own. Awaiting it sends it.
#[must_use = "nothing is sent before the call is awaited"]
pub struct Call<T> {
    pub(crate) pending: Pending,
    read: fn(&Bytes) -> Result<T>,
}

impl<T> std::fmt::Debug for Call<T> {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.pending.fmt(out)
    }
}

impl<T: Send + 'static> Call<T> {
    pub(crate) fn new(pending: Pending, read: fn(&Bytes) -> Result<T>) -> Self {
        Self { pending, read }
    }

    /// How long to wait for the head of the answer and between two parts of its body; `None` waits
    /// for ever.
    pub fn timeout(mut self, timeout: impl Into<Option<Duration>>) -> Self {
        self.pending.options.timeout = Some(timeout.into());
        self
    }

    /// How this request is repeated after a failure, if it changes nothing. What removes something is
    /// repeated only where this says so for the call itself, and its answer is then that of the last
    /// attempt: [`NotFound`](crate::ErrorKind::NotFound) where an earlier one removed it. Others never are.
    pub fn retry(mut self, retry: RetryPolicy) -> Self {
        self.pending.options.retry = Some(retry);
        self
    }

    /// A header for this request. It wins over the client's of the same name.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.pending.header(name, value);
        self
    }

    /// Sends the request and reads the answer.
    ///
    /// # Errors
    /// See [`ErrorKind`](crate::ErrorKind); [`Error::storage`](crate::Error::storage) has the service's
    /// own words.
    pub fn send(self) -> impl Future<Output = Result<T>> + Send + 'static {
        async move {
            let read = self.read;
            let (_, body) = self.pending.send().await?;
            read(&body)
        }
    }
}

impl<T: Send + 'static> IntoFuture for Call<T> {
    type Output = Result<T>;
    type IntoFuture = BoxFuture<'static, Self::Output>;
    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.send())
    }
}

/// Reads an answer whose content says nothing.
#[allow(clippy::unnecessary_wraps, reason = "one of the readers of a call")]
pub(crate) fn nothing(_: &Bytes) -> Result<()> {
    Ok(())
}

/// The options that every call has, and awaiting it. The type has a field `pending` and a method
/// `finish` that gives a future.
macro_rules! storage_call {
    ($($ty:ident => $output:ty;)+) => {$(
        impl $ty {
            /// How long to wait for the head of the answer and between two parts of its body;
            /// `None` waits for ever.
            pub fn timeout(mut self, timeout: impl Into<Option<std::time::Duration>>) -> Self {
                self.pending.options.timeout = Some(timeout.into());
                self
            }

            /// How this request is repeated after a failure, if repeating it does no harm. What removes
            /// something is repeated only where this says so for the call itself, and its answer is then
            /// that of the last attempt, without what an earlier one removed. Others never are.
            pub fn retry(mut self, retry: crate::transport::RetryPolicy) -> Self {
                self.pending.options.retry = Some(retry);
                self
            }

            /// A header for this request. It wins over the client's of the same name.
            pub fn header(mut self, name: &str, value: &str) -> Self {
                self.pending.header(name, value);
                self
            }

            /// Sends the request and reads the answer.
            ///
            /// # Errors
            /// See [`ErrorKind`](crate::ErrorKind); [`Error::storage`](crate::Error::storage) has the
            /// service's own words.
            pub fn send(self) -> impl Future<Output = crate::Result<$output>> + Send + 'static {
                self.finish()
            }
        }

        impl std::future::IntoFuture for $ty {
            type Output = crate::Result<$output>;
            type IntoFuture = crate::transport::BoxFuture<'static, Self::Output>;
            fn into_future(self) -> Self::IntoFuture {
                Box::pin(self.finish())
            }
        }

        impl std::fmt::Debug for $ty {
            fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                std::fmt::Debug::fmt(&self.pending, out)
            }
        }
    )+};
}
pub(crate) use storage_call;
