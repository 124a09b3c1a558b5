//! Errors in the service's own form: nearly all have HTTP status 400 and say the true one in the body.

use axum::body::Body;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use serde_json::json;

/// An answer that says no.
#[derive(Debug, Clone)]
pub(super) struct Refusal {
    pub(super) http: u16,
    pub(super) status: u16,
    pub(super) error: String,
    pub(super) code: String,
    pub(super) message: String,
}

pub(super) type Answer<T> = Result<T, Refusal>;

impl Refusal {
    pub(super) fn new(status: u16, error: &str, code: &str, message: impl Into<String>) -> Self {
        Self { http: 400, status, error: error.into(), code: code.into(), message: message.into() }
    }

    fn with_http(self, http: u16) -> Self {
        Self { http, ..self }
    }

    pub(super) fn no_bucket() -> Self {
        Self::new(404, "Bucket not found", "NoSuchBucket", "Bucket not found")
    }

    pub(super) fn no_object() -> Self {
        Self::new(404, "not_found", "NoSuchKey", "Object not found")
    }

    pub(super) fn not_related() -> Self {
        Self::new(404, "InvalidRequest", "InvalidRequest", "The related resource does not exist")
    }

    pub(super) fn exists(code: &str) -> Self {
        Self::new(409, "Duplicate", code, "The resource already exists")
    }

    pub(super) fn row_security() -> Self {
        Self::new(403, "Unauthorized", "AccessDenied", "new row violates row-level security policy")
    }

    pub(super) fn token(message: &str) -> Self {
        Self::new(403, "Unauthorized", "AccessDenied", message)
    }

    pub(super) fn signed_token(message: &str) -> Self {
        Self::new(400, "InvalidJWT", "InvalidJWT", message)
    }

    pub(super) fn signature(message: &str) -> Self {
        Self::new(400, "InvalidSignature", "InvalidSignature", message)
    }

    pub(super) fn role() -> Self {
        Self::token("Access denied: Invalid role").with_http(403)
    }

    pub(super) fn too_large() -> Self {
        Self::new(413, "Payload too large", "EntityTooLarge", "The object exceeded the maximum allowed size")
    }

    pub(super) fn mime(mime: &str) -> Self {
        Self::new(415, "invalid_mime_type", "InvalidMimeType", format!("mime type {mime} is not supported"))
    }

    pub(super) fn key(key: &str) -> Self {
        Self::new(400, "InvalidKey", "InvalidKey", format!("Invalid key: {key}"))
    }

    pub(super) fn bucket_name() -> Self {
        Self::new(400, "Invalid Input", "InvalidBucketName", "Bucket name invalid")
    }

    pub(super) fn schema(message: impl Into<String>) -> Self {
        Self::new(400, "Error", "InvalidRequest", message)
    }

    pub(super) fn range() -> Self {
        Self::new(416, "invalid_range", "InvalidRange", "invalid range provided").with_http(416)
    }

    pub(super) fn internal() -> Self {
        Self::new(500, "Internal", "InternalError", "Internal Server Error").with_http(500)
    }

    /// What the database refused. `duplicate` is the code for a key that exists already.
    pub(super) fn database(error: &tokio_postgres::Error, duplicate: &str) -> Self {
        match error.code().map(tokio_postgres::error::SqlState::code) {
            Some("42501") => Self::row_security(),
            Some("23505") => Self::exists(duplicate),
            Some("23503") => Self::not_related(),
            Some(code) => {
                Self::new(500, "DatabaseError", "DatabaseError", format!("database error, code: {code}")).with_http(500)
            }
            None => Self::internal(),
        }
    }

    pub(super) fn into_response(self) -> Response {
        let body = json!({ "statusCode": self.status.to_string(), "error": self.error, "message": self.message, "code": self.code });
        json_response(self.http, &body)
    }

    /// As the resumable protocol says it: true status, plain text.
    pub(super) fn into_text(self) -> Response {
        text_response(self.status, &self.message)
    }
}

impl From<std::io::Error> for Refusal {
    fn from(_: std::io::Error) -> Self {
        Self::internal()
    }
}

pub(super) fn json_response(status: u16, body: &serde_json::Value) -> Response {
    let mut response = Response::new(Body::from(body.to_string()));
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json; charset=utf-8"));
    response
}

pub(super) fn text_response(status: u16, text: &str) -> Response {
    let mut response = Response::new(Body::from(text.to_owned()));
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("text/plain;charset=UTF-8"));
    response.headers_mut().insert("tus-resumable", HeaderValue::from_static("1.0.0"));
    response
}
