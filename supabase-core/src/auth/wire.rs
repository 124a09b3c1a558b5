//! One request to the auth service, and its answer.

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method};
use serde::de::DeserializeOwned;
use serde_json::Value;
use url::form_urlencoded::byte_serialize;

use super::error::{API_VERSION, API_VERSION_HEADER, refused};
use crate::client::{Client, RequestOptions, ServiceRequest};
use crate::error::{Error, ErrorKind, Result};
use crate::token::Bearer;
use crate::transport::Body;

/// A request below `/auth/v1`. Neither its body nor its query shows anywhere: both may hold secrets.
pub(super) struct Call {
    method: Method,
    path: String,
    query: String,
    body: Option<Value>,
    bearer: Bearer,
}

impl Call {
    pub(super) fn new(method: Method, path: impl Into<String>) -> Self {
        Self { method, path: path.into(), query: String::new(), body: None, bearer: Bearer::Key }
    }

    pub(super) fn query(mut self, name: &str, value: &str) -> Self {
        if !self.query.is_empty() {
            self.query.push('&');
        }
        self.query.extend(byte_serialize(name.as_bytes()));
        self.query.push('=');
        self.query.extend(byte_serialize(value.as_bytes()));
        self
    }

    pub(super) fn query_if(self, name: &str, value: Option<&str>) -> Self {
        match value {
            Some(value) => self.query(name, value),
            None => self,
        }
    }

    pub(super) fn body(mut self, body: Value) -> Self {
        self.body = Some(body);
        self
    }

    pub(super) fn bearer(mut self, bearer: Bearer) -> Self {
        self.bearer = bearer;
        self
    }

    /// Path and query below the project's URL.
    pub(super) fn target(&self) -> String {
        let query = &self.query;
        let mark = if query.is_empty() { "" } else { "?" };
        format!("/auth/v1{}{mark}{query}", self.path)
    }
}

/// One segment of a path, so that an id cannot reach another resource.
pub(super) fn segment(text: &str) -> Result<String> {
    if text.is_empty() || text == "." || text == ".." {
        return Err(Error::new(
            ErrorKind::Refused,
            "an id is empty, or dots: the request would go to another resource",
        ));
    }
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~' | b':') {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    Ok(encoded)
}

pub(super) struct Answer {
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
}

impl Answer {
    pub(super) fn json<T: DeserializeOwned>(&self) -> Result<T> {
        serde_json::from_slice(&self.body).map_err(|error| unreadable(&error))
    }
}

/// Says where reading stopped and not what stood there: the answer may hold tokens.
fn unreadable(error: &serde_json::Error) -> Error {
    let what = match error.classify() {
        serde_json::error::Category::Data => "lacks a field, or has one of another type",
        serde_json::error::Category::Eof => "ends in the middle",
        serde_json::error::Category::Syntax | serde_json::error::Category::Io => "is no JSON",
    };
    Error::new(
        ErrorKind::Decode,
        format!("the answer of the auth service {what} (line {}, column {})", error.line(), error.column()),
    )
}

pub(super) async fn send(client: &Client, call: Call) -> Result<Answer> {
    let mut headers = HeaderMap::with_capacity(2);
    headers.insert(API_VERSION_HEADER, const { HeaderValue::from_static(API_VERSION) });
    let body = match &call.body {
        None => Body::Empty,
        Some(body) => {
            headers.insert(
                http::header::CONTENT_TYPE,
                const { HeaderValue::from_static("application/json;charset=UTF-8") },
            );
            Body::Bytes(Bytes::from(body.to_string()))
        }
    };
    let (method, target) = (call.method.clone(), call.target());
    // One GET has an effect: it sends a mail.
    let idempotent = method == Method::GET && call.path != "/reauthenticate";
    let options = RequestOptions { bearer: call.bearer, ..RequestOptions::default() };
    let request = ServiceRequest { method: method.clone(), target: target.clone(), headers, body, idempotent, options };
    let answer = client.send(request).await?;
    let body = answer.body.bytes().await.map_err(|error| error.with_request(&method, &target))?;
    if answer.status.is_success() {
        Ok(Answer { headers: answer.headers, body })
    } else {
        Err(refused(answer.status, answer.headers, &body).with_request(&method, &target))
    }
}

pub(super) async fn json<T: DeserializeOwned>(client: &Client, call: Call) -> Result<T> {
    send(client, call).await?.json()
}
