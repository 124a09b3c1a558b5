//! One request: what was asked, by whom, and the database to answer from.

use std::collections::HashMap;

use axum::http::request::Parts;
use axum::http::{Method, header};
use serde_json::Value;
use tokio_postgres::Client;

use super::error::Refusal;
use super::settings::AuthSettings;
use crate::keys::now;
use crate::project::Project;

pub(super) struct Ask<'a> {
    pub(super) project: &'a Project,
    pub(super) db: &'a Client,
    pub(super) method: &'a Method,
    /// Below `/auth/v1/`.
    pub(super) path: &'a str,
    query: HashMap<String, String>,
    pub(super) body: Value,
    bearer: Option<&'a str>,
    pub(super) settings: AuthSettings,
}

/// Who is signed in, by a token that was verified and a session that exists.
pub(super) struct Signed {
    pub(super) user: String,
    pub(super) session: String,
    pub(super) aal: String,
}

impl<'a> Ask<'a> {
    pub(super) fn new(project: &'a Project, db: &'a Client, parts: &'a Parts, body: &[u8]) -> Result<Self, Refusal> {
        let body = if body.is_empty() {
            Value::Object(serde_json::Map::new())
        } else {
            serde_json::from_slice(body)
                .map_err(|_| Refusal::new(400, "bad_json", "Could not parse request body as JSON"))?
        };
        let bearer = parts
            .headers
            .get(header::AUTHORIZATION)
            .and_then(|value| value.to_str().ok())
            .and_then(|value| value.strip_prefix("Bearer "));
        Ok(Self {
            project,
            db,
            method: &parts.method,
            path: parts.uri.path().trim_start_matches("/auth/v1/"),
            query: parts.uri.query().map(pairs).unwrap_or_default(),
            body,
            bearer,
            settings: project.auth().settings(),
        })
    }

    pub(super) fn query(&self, name: &str) -> &str {
        self.query.get(name).map_or("", String::as_str)
    }

    /// A text of the body; absent, `null` and empty are the same.
    pub(super) fn text(&self, name: &str) -> &str {
        self.body.get(name).and_then(Value::as_str).unwrap_or_default()
    }

    /// Addresses are compared in small letters.
    pub(super) fn email(&self) -> String {
        self.text("email").trim().to_lowercase()
    }

    /// Numbers are kept without their plus.
    pub(super) fn phone(&self) -> String {
        self.text("phone").trim().trim_start_matches('+').to_owned()
    }

    pub(super) fn object(&self, name: &str) -> Value {
        self.body
            .get(name)
            .filter(|value| value.is_object())
            .cloned()
            .unwrap_or_else(|| Value::Object(serde_json::Map::new()))
    }

    fn claims(&self) -> Result<Value, Refusal> {
        let token = self
            .bearer
            .ok_or_else(|| Refusal::new(401, "no_authorization", "This endpoint requires a valid Bearer token"))?;
        let claims = self.project.keys().claims(token).ok_or_else(|| {
            Refusal::new(403, "bad_jwt", "invalid JWT: unable to parse or verify signature, signature is invalid")
        })?;
        if claims["exp"].as_u64().is_none_or(|end| end <= now()) {
            return Err(Refusal::new(
                403,
                "bad_jwt",
                "invalid JWT: unable to parse or verify signature, token has invalid claims: token is expired",
            ));
        }
        Ok(claims)
    }

    pub(super) async fn signed(&self) -> Result<Signed, Refusal> {
        let claims = self.claims()?;
        let Some(user) = claims["sub"].as_str().filter(|sub| !sub.is_empty()) else {
            return Err(Refusal::new(403, "bad_jwt", "invalid claim: missing sub claim"));
        };
        let session = claims["session_id"].as_str().unwrap_or_default();
        if self.db.query_opt("select from users where id::text = $1 and deleted_at is null", &[&user]).await?.is_none()
        {
            return Err(Refusal::new(403, "user_not_found", "User from sub claim in JWT does not exist"));
        }
        let aal = match self
            .db
            .query_opt("select aal from sessions where id::text = $1 and user_id::text = $2", &[&session, &user])
            .await?
        {
            Some(row) => row.get(0),
            // A token that was minted for a test has no session and is taken as it is.
            None if session.is_empty() => "aal1".to_owned(),
            None => {
                return Err(Refusal::new(
                    403,
                    "session_not_found",
                    "Session from session_id claim in JWT does not exist",
                ));
            }
        };
        Ok(Signed { user: user.to_owned(), session: session.to_owned(), aal })
    }

    pub(super) fn administers(&self) -> Result<(), Refusal> {
        let claims = self.claims()?;
        if matches!(claims["role"].as_str(), Some("service_role" | "supabase_admin")) {
            Ok(())
        } else {
            Err(Refusal::new(403, "not_admin", "User not allowed"))
        }
    }

    /// Where a link or redirect leads in the end.
    pub(super) fn redirect_to(&self) -> String {
        match self.query("redirect_to") {
            "" => self.settings.site_url.clone(),
            url => url.to_owned(),
        }
    }
}

fn pairs(query: &str) -> HashMap<String, String> {
    query
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .map(|(name, value)| (decoded(name), decoded(value)))
        .collect()
}

fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, tail)) = rest.split_first() {
        let hex = tail
            .get(..2)
            .and_then(|hex| std::str::from_utf8(hex).ok())
            .and_then(|hex| u8::from_str_radix(hex, 16).ok());
        match (byte, hex) {
            (b'+', _) => bytes.push(b' '),
            (b'%', Some(value)) => {
                bytes.push(value);
                rest = tail.get(2..).unwrap_or_default();
                continue;
            }
            _ => bytes.push(byte),
        }
        rest = tail;
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// For the query of a URL.
pub(super) fn encoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}
