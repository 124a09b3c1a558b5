//! The errors of a call.

use http::{HeaderMap, StatusCode};
use serde_json::Value;

use crate::error::{Error, ErrorBody, ErrorKind, Service};

/// Set to `true` by the relay when it could not run the function, whatever the status.
const RELAY_ERROR: &str = "x-relay-error";

pub(super) fn is_relay_error(headers: &HeaderMap) -> bool {
    headers.get(RELAY_ERROR).is_some_and(|value| value.as_bytes() == b"true")
}

/// The error of an answer that is none of a function, or one with a status that says no.
pub(super) fn refused(status: StatusCode, headers: HeaderMap, body: &[u8]) -> Error {
    let text = String::from_utf8_lossy(body).into_owned();
    let said: Option<Value> = serde_json::from_slice(body).ok();
    let field = |name: &str| said.as_ref().and_then(|said| said.get(name)).and_then(Value::as_str).map(str::to_owned);
    let relay = is_relay_error(&headers);
    let message =
        field("message").or_else(|| field("error")).or_else(|| field("msg")).unwrap_or_else(|| match text.trim() {
            "" => status.canonical_reason().unwrap_or("error").to_owned(),
            text => text.chars().take(200).collect(),
        });
    let code = if relay { Some("relay".to_owned()) } else { field("code") };
    let (kind, context) = if relay {
        (ErrorKind::Unavailable, "the relay could not run the function")
    } else {
        (kind_of(status), "the function answered")
    };
    let body = ErrorBody { status, headers, code, message, details: field("details"), hint: field("hint"), text };
    Error::new(kind, context).with_body(body).from_service(Service::Functions)
}

fn kind_of(status: StatusCode) -> ErrorKind {
    match status.as_u16() {
        400 | 422 => ErrorKind::InvalidInput,
        401 => ErrorKind::Unauthenticated,
        403 => ErrorKind::PermissionDenied,
        404 => ErrorKind::NotFound,
        408 | 504 => ErrorKind::Timeout,
        409 => ErrorKind::Conflict,
        429 => ErrorKind::RateLimited,
        502 | 503 | 520..=524 | 530 | 546 => ErrorKind::Unavailable,
        _ => ErrorKind::Api,
    }
}
