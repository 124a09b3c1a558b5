//! Broadcasts over HTTP.

use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::body::Bytes;
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use super::Inner;
use super::policy;
use super::protocol::Body;
use super::token;

fn message(status: StatusCode, message: &str) -> Response {
    (status, Json(json!({ "message": message }))).into_response()
}

/// Sends to a topic, if the sender may; nobody is told when it may not.
async fn send(
    inner: &Inner,
    headers: &HeaderMap,
    topic: &str,
    event: &str,
    private: bool,
    persist: &Value,
    body: &Body,
) -> Result<(), Response> {
    let most = inner.settings().max_messages_per_second;
    if inner.lock().messages.exceeds(most, Duration::from_secs(1)) {
        return Err(message(StatusCode::TOO_MANY_REQUESTS, "You have exceeded your rate limit"));
    }
    let bearer = headers
        .get(header::AUTHORIZATION)
        .or_else(|| headers.get("apikey"))
        .and_then(|value| value.to_str().ok())
        .map(|value| value.strip_prefix("Bearer ").unwrap_or(value))
        .unwrap_or_default();
    let Ok(claims) = token::check(inner.keys.jwt_secret(), bearer) else {
        return Err(message(StatusCode::UNAUTHORIZED, "Unauthorized"));
    };
    if private && !policy::rights(inner, topic, &claims).await.is_ok_and(|rights| rights.write) {
        return Ok(());
    }
    inner.publish(&(format!("realtime:{topic}"), private), None, event, persist, body);
    Ok(())
}

pub(super) async fn batch(State(inner): State<Arc<Inner>>, headers: HeaderMap, body: Bytes) -> Response {
    let Ok(Value::Object(body)) = serde_json::from_slice(&body) else {
        return message(StatusCode::BAD_REQUEST, "Bad Request");
    };
    let Some(messages) = body.get("messages").and_then(Value::as_array) else {
        return (StatusCode::UNPROCESSABLE_ENTITY, Json(json!({ "errors": { "messages": ["can't be blank"] } })))
            .into_response();
    };
    let mut errors = Vec::new();
    for message in messages {
        let mut missing = json!({});
        for field in ["topic", "event", "payload"] {
            if message.get(field).is_none_or(Value::is_null) {
                missing[field] = json!(["can't be blank"]);
            }
        }
        errors.push(missing);
    }
    if errors.iter().any(|missing| missing != &json!({})) {
        return (StatusCode::UNPROCESSABLE_ENTITY, Json(json!({ "errors": { "messages": errors } }))).into_response();
    }
    for message in messages {
        let body = Body::Json(message["payload"].to_string().into_bytes());
        let (topic, event) =
            (message["topic"].as_str().unwrap_or_default(), message["event"].as_str().unwrap_or_default());
        let private = message["private"].as_bool().unwrap_or_default();
        if let Err(refused) = send(&inner, &headers, topic, event, private, &Value::Null, &body).await {
            return refused;
        }
    }
    StatusCode::ACCEPTED.into_response()
}

pub(super) async fn one(
    State(inner): State<Arc<Inner>>,
    Path((topic, event)): Path<(String, String)>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let query = query.unwrap_or_default();
    let private = query.split('&').any(|pair| pair == "private=true");
    let persist =
        query.split('&').find_map(|pair| match pair.replace("%5B", "[").replace("%5D", "]").split_once('=')? {
            ("persist", "true") => Some(json!(true)),
            ("persist[ttl]", seconds) => Some(json!({ "ttl": seconds.parse::<u64>().ok()? })),
            _ => None,
        });
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let body = if kind.starts_with("application/json") {
        if serde_json::from_slice::<Value>(&body).is_err() {
            return message(StatusCode::UNPROCESSABLE_ENTITY, "the body is not JSON");
        }
        Body::Json(body.to_vec())
    } else if kind.starts_with("application/octet-stream") {
        Body::Bytes(body.to_vec())
    } else {
        return message(StatusCode::UNSUPPORTED_MEDIA_TYPE, "Unsupported Media Type");
    };
    match send(&inner, &headers, &topic, &event, private, &persist.unwrap_or_default(), &body).await {
        Ok(()) => StatusCode::ACCEPTED.into_response(),
        Err(refused) => refused,
    }
}

pub(super) async fn ping() -> Json<Value> {
    Json(json!({ "message": "Success" }))
}
