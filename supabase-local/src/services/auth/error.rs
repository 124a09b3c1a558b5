//! How the service says no.

use axum::body::Body;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use serde_json::{Value, json};

/// A refusal with the service's code and message.
#[derive(Debug)]
pub(super) struct Refusal {
    status: u16,
    pub(super) code: &'static str,
    pub(super) message: String,
    more: Option<(&'static str, Value)>,
    /// Whether what was written before it stays written.
    pub(super) keep: bool,
}

impl Refusal {
    pub(super) fn new(status: u16, code: &'static str, message: impl Into<String>) -> Self {
        Self { status, code, message: message.into(), more: None, keep: false }
    }

    pub(super) fn validation(message: impl Into<String>) -> Self {
        Self::new(400, "validation_failed", message)
    }

    pub(super) fn unexpected(message: impl Into<String>) -> Self {
        Self::new(500, "unexpected_failure", message)
    }

    pub(super) fn kept(mut self) -> Self {
        self.keep = true;
        self
    }

    pub(super) fn with(mut self, name: &'static str, value: Value) -> Self {
        self.more = Some((name, value));
        self
    }
}

impl From<tokio_postgres::Error> for Refusal {
    fn from(error: tokio_postgres::Error) -> Self {
        let message = error.as_db_error().map_or_else(|| error.to_string(), |error| error.message().to_owned());
        Self::unexpected(format!("Database error: {message}"))
    }
}

/// Since 2024-01-01 the code stands in `code`; before, the status stood there.
pub(super) fn refuse(refusal: &Refusal, versioned: bool) -> Response {
    let mut body = if versioned {
        json!({ "code": refusal.code, "message": refusal.message })
    } else {
        json!({ "code": refusal.status, "error_code": refusal.code, "msg": refusal.message })
    };
    if let Some((name, value)) = &refusal.more {
        body[*name] = value.clone();
    }
    let mut response = Response::new(Body::from(body.to_string()));
    *response.status_mut() = StatusCode::from_u16(refusal.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    response.headers_mut().insert(header::CONTENT_TYPE, const { HeaderValue::from_static("application/json") });
    if versioned {
        response.headers_mut().insert("x-supabase-api-version", const { HeaderValue::from_static("2024-01-01") });
    }
    response
}
