//! From an HTTP answer to data or an error.

use bytes::Bytes;
use http::{HeaderMap, Method, StatusCode};
use serde::Deserialize;

use super::answer::{Answer, Response};
use crate::client::{Client, RequestOptions, ServiceRequest};
use crate::error::{Error, ErrorBody, ErrorKind, Result};
use crate::query::{Plan, Resource};
use crate::transport::{Body, HttpResponse};

pub(crate) async fn read<A: Answer>(response: HttpResponse, counted: bool) -> Result<Response<A::Data>> {
    let (status, headers, body) = accepted(response).await?;
    let (range, total) = content_range(&headers);
    let data = A::read(status, &body)?;
    Ok(Response { data, count: total.filter(|_| counted), range, status, headers })
}

/// The body of an answer that says yes.
pub(crate) async fn accepted(response: HttpResponse) -> Result<(StatusCode, HeaderMap, Bytes)> {
    let HttpResponse { status, headers, body } = accepted_head(response).await?;
    Ok((status, headers, body.bytes().await?))
}

/// An answer that says yes, its body not read.
pub(crate) async fn accepted_head(response: HttpResponse) -> Result<HttpResponse> {
    if response.status.is_success() {
        return Ok(response);
    }
    let HttpResponse { status, headers, body } = response;
    Err(refused(status, headers, &body.bytes().await?))
}

/// `0-9/42`, `*/0`, `0-9/*`
pub(crate) fn content_range(headers: &HeaderMap) -> (Option<(u64, u64)>, Option<u64>) {
    let Some(text) = headers.get(http::header::CONTENT_RANGE).and_then(|value| value.to_str().ok()) else {
        return (None, None);
    };
    let (range, total) = text.split_once('/').unwrap_or((text, ""));
    let range = range.split_once('-').and_then(|(first, last)| Some((first.parse().ok()?, last.parse().ok()?)));
    (range, total.parse().ok())
}

#[derive(Deserialize)]
struct Said {
    code: Option<String>,
    message: Option<String>,
    details: Option<serde_json::Value>,
    hint: Option<String>,
}

/// The error of an answer that says no.
pub(crate) fn refused(status: StatusCode, headers: HeaderMap, body: &[u8]) -> Error {
    let text = String::from_utf8_lossy(body).into_owned();
    let said: Option<Said> = serde_json::from_slice(body).ok();
    let (mut code, mut message, mut details, mut hint) = (None, None, None, None);
    if let Some(said) = said {
        code = said.code;
        message = said.message;
        details = said.details.filter(|details| !details.is_null()).map(|details| match details {
            serde_json::Value::String(text) => text,
            other => other.to_string(),
        });
        hint = said.hint;
    }
    // The answer to HEAD has no body; the code travels in a header.
    if code.is_none() {
        code = headers
            .get("proxy-status")
            .and_then(|value| value.to_str().ok())
            .and_then(|value| value.split(';').find_map(|part| part.trim().strip_prefix("error=")))
            .map(|code| code.trim_matches('"').to_owned());
    }
    let kind = kind_of(status, code.as_deref());
    let message = message.unwrap_or_else(|| {
        let reason = status.canonical_reason().unwrap_or("error");
        match text.trim() {
            "" => reason.to_owned(),
            // A proxy's page is kept in the body; a message is a line.
            page if page.starts_with('<') => {
                format!("{reason} (the answer is a page of markup, probably from a proxy)")
            }
            text => text.chars().take(200).collect(),
        }
    });
    Error::new(kind, "").with_body(ErrorBody { status, headers, code, message, details, hint, text })
}

fn kind_of(status: StatusCode, code: Option<&str>) -> ErrorKind {
    if let Some(kind) = code.and_then(kind_of_code) {
        return kind;
    }
    match status.as_u16() {
        400 | 422 => ErrorKind::InvalidInput,
        401 => ErrorKind::Unauthenticated,
        403 => ErrorKind::PermissionDenied,
        404 => ErrorKind::NotFound,
        408 | 504 => ErrorKind::Timeout,
        409 => ErrorKind::Conflict,
        429 => ErrorKind::RateLimited,
        502 | 503 | 520..=524 | 530 => ErrorKind::Unavailable,
        _ => ErrorKind::Api,
    }
}

/// The meaning of PostgREST's codes and of SQLSTATEs.
fn kind_of_code(code: &str) -> Option<ErrorKind> {
    Some(match code {
        "PGRST116" => ErrorKind::NotOneRow,
        "PGRST000" | "PGRST001" | "PGRST002" => ErrorKind::Unavailable,
        "PGRST003" | "57014" => ErrorKind::Timeout,
        "PGRST200" | "PGRST202" | "PGRST204" | "PGRST205" | "PGRST125" | "PGRST126" | "42P01" | "42703" | "42883" => {
            ErrorKind::NotFound
        }
        "PGRST300" | "PGRST301" | "PGRST302" | "PGRST303" => ErrorKind::Unauthenticated,
        "PGRST124" => ErrorKind::Conflict,
        // 42501 keeps the status: 401 for the anonymous role, 403 for others.
        "42501" => ErrorKind::PermissionDenied,
        "40001" | "40P01" => ErrorKind::Conflict,
        // Any text may stand here: `RAISE SQLSTATE 'PGRST'` and proxies choose their own.
        _ if code.len() == 5 => match code.get(..2)? {
            "08" | "57" => ErrorKind::Unavailable,
            "53" => ErrorKind::Unavailable,
            "23" if matches!(code, "23502" | "23514") => ErrorKind::InvalidInput,
            "23" => ErrorKind::Conflict,
            "22" => ErrorKind::InvalidInput,
            "28" => ErrorKind::Unauthenticated,
            _ => return None,
        },
        _ => return None,
    })
}

/// Proves, with a read of no row of the same table, that the server rolls back when asked.
pub(crate) async fn prove_rollback(client: &Client, write: &Plan, options: RequestOptions) -> Result<()> {
    if !client.allows_dry_run() {
        return Err(Error::new(
            ErrorKind::Refused,
            "`.dry_run()` needs a client built with `.allow_dry_run(true)`: a server that does not let requests roll back \
             commits the write without a word",
        ));
    }
    let mut probe = Plan::new(Method::HEAD, Resource::Table, write.name.clone(), write.schema.clone());
    probe.limit = Some(0);
    probe.prefer.rollback = true;
    let probe = probe.finish()?;
    let response = client
        .send(ServiceRequest {
            method: probe.method,
            target: format!("/rest/v1{}", probe.target),
            headers: probe.headers,
            body: Body::Empty,
            idempotent: true,
            options,
        })
        .await?;
    let applied = response
        .headers
        .get_all("preference-applied")
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|preference| preference.trim() == "tx=rollback");
    if applied {
        Ok(())
    } else {
        Err(Error::new(
            ErrorKind::Refused,
            "`.dry_run()`: this server does not roll back when asked, it would commit the write; set `db-tx-end` to \
             `commit-allow-override` or `rollback-allow-override`",
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_and_totals_are_read() {
        let mut headers = HeaderMap::new();
        let mut read = |text: &'static str| {
            headers.insert(http::header::CONTENT_RANGE, http::HeaderValue::from_static(text));
            content_range(&headers)
        };
        assert_eq!(read("0-9/42"), (Some((0, 9)), Some(42)));
        assert_eq!(read("*/0"), (None, Some(0)));
        assert_eq!(read("0-9/*"), (Some((0, 9)), None));
    }

    #[test]
    fn errors_are_sorted_by_meaning() {
        let error = refused(
            StatusCode::CONFLICT,
            HeaderMap::new(),
            br#"{"code":"23505","message":"duplicate","details":null,"hint":null}"#,
        );
        assert_eq!((error.kind(), error.code()), (ErrorKind::Conflict, Some("23505")));
        let page = refused(StatusCode::BAD_GATEWAY, HeaderMap::new(), b"<html>bad gateway</html>");
        assert_eq!(page.kind(), ErrorKind::Unavailable);
        assert!(page.body().is_some_and(|body| body.text.contains("<html>")));
        // Five bytes, and no character begins behind the second of them.
        let odd = refused(StatusCode::BAD_REQUEST, HeaderMap::new(), r#"{"code":"x日y","message":"m"}"#.as_bytes());
        assert_eq!((odd.kind(), odd.code()), (ErrorKind::InvalidInput, Some("x日y")));
        let mut headers = HeaderMap::new();
        headers.insert("proxy-status", http::HeaderValue::from_static("PostgREST; error=PGRST205"));
        assert_eq!(refused(StatusCode::NOT_FOUND, headers, b"").code(), Some("PGRST205"));
    }
}
