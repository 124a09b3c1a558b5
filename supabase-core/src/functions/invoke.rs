//! One call of a function.

use std::future::IntoFuture;
use std::time::Duration;

use bytes::Bytes;
use futures_util::Stream;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use serde::Serialize;

use super::answer::{FunctionAnswer, StreamedAnswer};
use super::form::Form;
use super::refusal;
use super::region::Region;
use crate::client::{Client, RequestOptions, ServiceRequest};
use crate::error::{Error, ErrorKind, Result};
use crate::query::percent;
use crate::token::Bearer;
use crate::transport::{Body, BoxFuture, HttpResponse, RetryPolicy};

/// A call of an Edge Function. Awaiting it gives the whole answer; [`Invoke::stream`] gives it part
/// by part. Dropping the future cancels the call.
#[must_use = "nothing is sent before the call is awaited"]
pub struct Invoke {
    client: Client,
    method: Method,
    path: String,
    query: String,
    region: Region,
    headers: HeaderMap,
    content_type: Option<HeaderValue>,
    body: Body,
    options: RequestOptions,
    repeat: bool,
    deadline: Option<Duration>,
    refusal: Option<String>,
}

/// As errors say it: query, headers and body may hold keys and the user's data.
impl std::fmt::Debug for Invoke {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Invoke").field("method", &self.method).field("path", &self.path).finish_non_exhaustive()
    }
}

impl Invoke {
    pub(super) fn new(client: Client, name: &str, region: Region, bearer: Bearer) -> Self {
        let name = name.split('#').next().unwrap_or_default();
        let (path, query) = name.split_once('?').unwrap_or((name, ""));
        let mut refusal = None;
        let mut encoded = String::new();
        for segment in path.trim_matches('/').split('/') {
            if matches!(segment, "" | "." | "..") {
                refusal = Some(format!("`{name}` cannot be the name of a function"));
            }
            encoded.push('/');
            percent::encode_segment(&mut encoded, segment);
        }
        let mut call = Self {
            client,
            method: Method::POST,
            path: encoded,
            query: String::new(),
            region,
            headers: HeaderMap::new(),
            content_type: None,
            body: Body::Empty,
            options: RequestOptions { bearer, ..RequestOptions::default() },
            repeat: false,
            deadline: None,
            refusal,
        };
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            // It was written as part of a URL, and stays as it was written where a URL can hold it.
            if !call.query.is_empty() {
                call.query.push('&');
            }
            for character in pair.chars() {
                if character.is_ascii_graphic()
                    && !matches!(character, '"' | '<' | '>' | '\\' | '^' | '`' | '{' | '|' | '}')
                {
                    call.query.push(character);
                } else {
                    percent::encode(&mut call.query, character.encode_utf8(&mut [0; 4]));
                }
            }
        }
        call
    }

    /// Another method than POST.
    pub fn method(mut self, method: Method) -> Self {
        self.method = method;
        self
    }

    /// Adds a parameter to the query.
    pub fn query(mut self, name: &str, value: &str) -> Self {
        if !self.query.is_empty() {
            self.query.push('&');
        }
        percent::encode(&mut self.query, name);
        self.query.push('=');
        percent::encode(&mut self.query, value);
        self
    }

    /// Where this call runs.
    pub fn region(mut self, region: impl Into<Region>) -> Self {
        self.region = region.into();
        self
    }

    /// A header. It wins over the client's of the same name, and over the content type of the body.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        match (HeaderName::try_from(name), HeaderValue::try_from(value)) {
            (Ok(name), Ok(mut value)) => {
                // It may be a key of another service.
                value.set_sensitive(true);
                self.options.headers.get_or_insert_default().insert(name, value);
            }
            _ => {
                self.refusal.get_or_insert(format!("`{name}` with this value cannot be a header"));
            }
        }
        self
    }

    /// How long the call may take: until the whole answer is there, or with [`stream`](Self::stream)
    /// until its head is, and between two of its parts. `None` waits for ever.
    pub fn timeout(mut self, timeout: impl Into<Option<Duration>>) -> Self {
        self.deadline = timeout.into();
        self.options.timeout = Some(self.deadline);
        self
    }

    /// Repeats the call after a failure. Only the caller knows whether a function may run twice, so
    /// calls are not repeated unless this says how.
    pub fn retry(mut self, retry: RetryPolicy) -> Self {
        self.options.retry = Some(retry);
        self.repeat = true;
        self
    }

    fn content(mut self, kind: &'static str, body: Body) -> Self {
        self.content_type = Some(HeaderValue::from_static(kind));
        self.body = body;
        self
    }

    /// A JSON body.
    pub fn json<T: Serialize + ?Sized>(mut self, body: &T) -> Self {
        match serde_json::to_vec(body) {
            Ok(json) => self.content("application/json", Body::Bytes(json.into())),
            Err(error) => {
                self.refusal.get_or_insert(format!("the body cannot be written as JSON: {error}"));
                self
            }
        }
    }

    /// A body of text.
    pub fn text(self, body: impl Into<String>) -> Self {
        self.content("text/plain", Body::Bytes(Bytes::from(body.into())))
    }

    /// A body of bytes.
    pub fn bytes(self, body: impl Into<Bytes>) -> Self {
        self.content("application/octet-stream", Body::Bytes(body.into()))
    }

    /// The fields of an HTML form (`application/x-www-form-urlencoded`).
    pub fn form<'a>(self, fields: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        self.content("application/x-www-form-urlencoded", Body::Bytes(body.into()))
    }

    /// A multipart body.
    pub fn multipart(mut self, form: &Form) -> Self {
        let (kind, body) = form.encode();
        self.content_type = HeaderValue::try_from(kind).ok();
        self.body = Body::Bytes(body);
        self
    }

    /// A body that is sent part by part, of `length` bytes in all where that is known. Such a call is
    /// never repeated.
    pub fn body_stream(
        self,
        stream: impl Stream<Item = Result<Bytes, std::io::Error>> + Send + Sync + 'static,
        length: impl Into<Option<u64>>,
    ) -> Self {
        self.content("application/octet-stream", Body::Stream { stream: Box::pin(stream), length: length.into() })
    }

    /// Sends the call and gives the whole answer.
    ///
    /// # Errors
    /// A status other than 2xx is an error of the kind that it means, with
    /// [`Error::functions`] for the rest; a function that the relay could not run is
    /// [`ErrorKind::Unavailable`] with the code `relay`.
    pub fn send(self) -> impl Future<Output = Result<FunctionAnswer>> + Send + 'static {
        let deadline = self.deadline;
        async move {
            let whole = async move {
                let answer = self.answer().await?;
                let (status, headers) = (answer.status, answer.headers.clone());
                Ok(FunctionAnswer::new(status, headers, answer.bytes().await?))
            };
            match deadline {
                None => whole.await,
                Some(limit) => tokio::time::timeout(limit, whole).await.unwrap_or_else(|_| {
                    let why = format!("the function had not answered after {} s", limit.as_secs_f32());
                    Err(Error::new(ErrorKind::Timeout, why))
                }),
            }
        }
    }

    /// Sends the call and gives the answer as it arrives.
    ///
    /// # Errors
    /// As for [`send`](Self::send), until the answer's head is there.
    pub fn stream(self) -> impl Future<Output = Result<StreamedAnswer>> + Send + 'static {
        self.answer()
    }

    async fn answer(self) -> Result<StreamedAnswer> {
        if let Some(refusal) = self.refusal {
            return Err(Error::new(ErrorKind::Refused, refusal));
        }
        let Self { client, method, path, mut query, region, mut headers, content_type, body, options, repeat, .. } =
            self;
        if region != Region::Any {
            if !query.is_empty() {
                query.push('&');
            }
            query.push_str("forceFunctionRegion=");
            percent::encode(&mut query, region.name());
            match HeaderValue::try_from(region.name()) {
                Ok(name) => headers.insert("x-region", name),
                Err(_) => {
                    let why = format!("`{}` cannot be the name of a region", region.name());
                    return Err(Error::new(ErrorKind::Refused, why));
                }
            };
        }
        if let Some(kind) = content_type {
            headers.insert(CONTENT_TYPE, kind);
        }
        let mut target = format!("/functions/v1{path}");
        if !query.is_empty() {
            target.push('?');
            target.push_str(&query);
        }
        let named = |error: Error| error.with_request(&method, &target);
        let request = ServiceRequest {
            method: method.clone(),
            target: target.clone(),
            headers,
            body,
            idempotent: repeat,
            options,
        };
        let HttpResponse { status, headers, body } = client.send(request).await?;
        if !status.is_success() || refusal::is_relay_error(&headers) {
            let body = body.bytes().await.map_err(named)?;
            return Err(named(refusal::refused(status, headers, &body)));
        }
        Ok(StreamedAnswer::new(status, headers, body))
    }
}

impl IntoFuture for Invoke {
    type Output = Result<FunctionAnswer>;
    type IntoFuture = BoxFuture<'static, Self::Output>;
    fn into_future(self) -> Self::IntoFuture {
        Box::pin(self.send())
    }
}
