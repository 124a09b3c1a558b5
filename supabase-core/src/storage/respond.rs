//! From an answer of the storage service to data or an error.
//!
//! Nearly every error has HTTP status 400 and says its true status in the body; the resumable
//! protocol answers with text and true statuses; the catalog of analytics buckets nests its error.

use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::error::{Error, ErrorBody, ErrorKind, Result, Service};
use crate::transport::HttpResponse;

/// Reads a JSON answer, or the error that it is.
pub(crate) fn json<T: DeserializeOwned>(body: &Bytes) -> Result<T> {
    serde_json::from_slice(body).map_err(|error| {
        Error::new(ErrorKind::Decode, format!("the storage service answered something else than expected: {error}"))
            .with_source(error)
    })
}

/// The body of an answer that says yes.
pub(crate) async fn accepted(response: HttpResponse) -> Result<(StatusCode, HeaderMap, Bytes)> {
    let HttpResponse { status, headers, body, .. } = response;
    let body = body.bytes().await?;
    if status.is_success() { Ok((status, headers, body)) } else { Err(refused(status, headers, &body)) }
}

/// The error of an answer that says no.
pub(crate) fn refused(status: StatusCode, headers: HeaderMap, body: &[u8]) -> Error {
    let text = String::from_utf8_lossy(body).into_owned();
    let said: Value = serde_json::from_slice(body).unwrap_or(Value::Null);
    // The catalog: `{"error":{"message","type","code"}}`.
    let nested = said.get("error").filter(|error| error.is_object());
    let field = |name: &str| nested.unwrap_or(&said).get(name).and_then(Value::as_str).map(str::to_owned);
    let means =
        said.get("statusCode").or_else(|| nested.and_then(|error| error.get("code"))).and_then(|value| match value {
            Value::String(text) => text.parse().ok(),
            other => other.as_u64().and_then(|number| u16::try_from(number).ok()),
        });
    let code = if nested.is_some() { field("type") } else { field("code").or_else(|| field("error")) };
    let message = field("message").unwrap_or_else(|| match text.trim() {
        "" => status.canonical_reason().unwrap_or("no reason given").to_owned(),
        page if page.starts_with('<') => {
            format!(
                "{} (the answer is a page of markup, probably from a proxy)",
                status.canonical_reason().unwrap_or("error")
            )
        }
        text => text.chars().take(200).collect(),
    });
    let kind = kind_of(means.unwrap_or_else(|| status.as_u16()), code.as_deref(), &message);
    let details =
        means.filter(|means| *means != status.as_u16()).map(|means| format!("the service means status {means}"));
    Error::new(kind, "")
        .with_body(ErrorBody { status, headers, code, message, details, hint: None, text })
        .from_service(Service::Storage)
}

fn kind_of(status: u16, code: Option<&str>, message: &str) -> ErrorKind {
    match code {
        Some("InvalidJWT") => return ErrorKind::Unauthenticated,
        Some("InvalidSignature") => return ErrorKind::PermissionDenied,
        Some("NoSuchKey" | "NoSuchBucket" | "NoSuchUpload") => return ErrorKind::NotFound,
        Some("SlowDown") => return ErrorKind::RateLimited,
        // One code for a token that is none and for a role that may not; the texts tell them apart.
        Some("AccessDenied" | "Unauthorized") if is_about_the_token(message) => return ErrorKind::Unauthenticated,
        _ => {}
    }
    match status {
        400 if message.contains("required property 'authorization'") => ErrorKind::Unauthenticated,
        400 | 405 | 412 | 413 | 414 | 415 | 416 | 422 => ErrorKind::InvalidInput,
        401 => ErrorKind::Unauthenticated,
        403 => ErrorKind::PermissionDenied,
        404 | 410 => ErrorKind::NotFound,
        408 | 504 | 544 => ErrorKind::Timeout,
        409 | 423 => ErrorKind::Conflict,
        429 => ErrorKind::RateLimited,
        502 | 503 | 520..=524 | 530 => ErrorKind::Unavailable,
        _ => ErrorKind::Api,
    }
}

fn is_about_the_token(message: &str) -> bool {
    message.contains("JWS")
        || message.contains("JWT")
        || message.contains("signature verification failed")
        || message.contains("claim timestamp check failed")
        || message.contains("(Algorithm) Header Parameter")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(status: u16, body: &str) -> (ErrorKind, Option<String>) {
        let error = refused(StatusCode::from_u16(status).unwrap_or_default(), HeaderMap::new(), body.as_bytes());
        (error.kind(), error.code().map(str::to_owned))
    }

    #[test]
    fn the_status_in_the_body_counts() {
        let missing = r#"{"statusCode":"404","error":"not_found","message":"Object not found","code":"NoSuchKey"}"#;
        assert_eq!(kind(400, missing), (ErrorKind::NotFound, Some("NoSuchKey".into())));
        let older = r#"{"statusCode":"404","error":"not_found","message":"Object not found"}"#;
        assert_eq!(kind(400, older), (ErrorKind::NotFound, Some("not_found".into())));
        let route = r#"{"message":"Route GET:/x not found","error":"Not Found","statusCode":404}"#;
        assert_eq!(kind(404, route).0, ErrorKind::NotFound);
        let catalog = r#"{"error":{"message":"no","type":"NoSuchNamespaceException","code":404}}"#;
        assert_eq!(kind(404, catalog), (ErrorKind::NotFound, Some("NoSuchNamespaceException".into())));
        assert_eq!(kind(409, "Upload-Offset conflict\n").0, ErrorKind::Conflict);
        assert_eq!(kind(502, "<h1>bad gateway</h1>").0, ErrorKind::Unavailable);
    }

    #[test]
    fn a_bad_token_differs_from_a_missing_right() {
        let said = |message: &str| {
            format!(r#"{{"statusCode":"403","error":"Unauthorized","message":"{message}","code":"AccessDenied"}}"#)
        };
        assert_eq!(kind(400, &said("Invalid Compact JWS")).0, ErrorKind::Unauthenticated);
        assert_eq!(kind(400, &said("new row violates row-level security policy")).0, ErrorKind::PermissionDenied);
    }

    #[test]
    fn only_storage_answers_to_storage() {
        let error = refused(StatusCode::BAD_REQUEST, HeaderMap::new(), b"{}");
        assert!(error.storage().is_some() && error.postgrest().is_none());
    }
}
