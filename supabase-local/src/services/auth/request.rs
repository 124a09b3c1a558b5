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
            serde_json::from_slice(body).map_err(|error| {
                let why = if error.is_eof() { "unexpected end of JSON input".to_owned() } else { error.to_string() };
                Refusal::new(400, "bad_json", format!("Could not parse request body as JSON: {why}"))
            })?
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

    /// The address, which has to look like one if it is given.
    pub(super) fn checked_email(&self) -> Result<String, Refusal> {
        let email = self.email();
        let sound = email.split_once('@').is_some_and(|(name, host)| {
            !name.is_empty() && !host.is_empty() && !email.contains(char::is_whitespace) && !host.contains('@')
        });
        if email.is_empty() || sound {
            Ok(email)
        } else {
            Err(Refusal::validation("Unable to validate email address: invalid format"))
        }
    }

    /// The number, which has to be one of E.164 if it is given.
    pub(super) fn checked_phone(&self) -> Result<String, Refusal> {
        let phone = self.phone();
        let digits = phone.bytes().all(|byte| byte.is_ascii_digit());
        if phone.is_empty() || digits && (2..=15).contains(&phone.len()) && !phone.starts_with('0') {
            Ok(phone)
        } else {
            Err(Refusal::validation("Invalid phone number format (E.164 required)"))
        }
    }

    /// The challenge that a PKCE flow begins with, and how it was made; both or neither.
    pub(super) fn check_challenge(&self, challenge: &str, method: &str) -> Result<(), Refusal> {
        if challenge.is_empty() && method.is_empty() {
            return Ok(());
        }
        if challenge.is_empty() || method.is_empty() {
            return Err(Refusal::validation("PKCE flow requires code_challenge_method and code_challenge"));
        }
        if !matches!(method.to_ascii_lowercase().as_str(), "s256" | "plain") {
            return Err(Refusal::validation("Invalid code_challenge_method"));
        }
        if !(43..=128).contains(&challenge.len()) {
            return Err(Refusal::validation("code challenge has to be between 43 and 128 characters"));
        }
        Ok(())
    }

    /// The same, of a request whose body has them.
    pub(super) fn check_flow(&self) -> Result<(), Refusal> {
        self.check_challenge(self.text("code_challenge"), self.text("code_challenge_method"))
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
            let why = if token.split('.').count() == 3 {
                "token signature is invalid: signature is invalid"
            } else {
                "token is malformed: token contains an invalid number of segments"
            };
            Refusal::new(403, "bad_jwt", format!("invalid JWT: unable to parse or verify signature, {why}"))
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
        let known = self
            .db
            .query_opt(
                "select coalesce(banned_until > now(), false) from users where id::text = $1 and deleted_at is null",
                &[&user],
            )
            .await?;
        match known.map(|row| row.get::<_, bool>(0)) {
            None => return Err(Refusal::new(403, "user_not_found", "User from sub claim in JWT does not exist")),
            Some(true) => return Err(Refusal::new(403, "user_banned", "User is banned")),
            Some(false) => {}
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
        self.allowed(self.query("redirect_to"))
    }

    /// The URL if it is one of the site or on the list, else the site's.
    pub(super) fn allowed(&self, url: &str) -> String {
        let site = &self.settings.site_url;
        let host = |url: &str| url.parse::<axum::http::Uri>().ok().and_then(|url| Some(url.host()?.to_owned()));
        let plain = url.split('#').next().unwrap_or_default();
        let listed =
            self.settings.redirect_allow_list.iter().any(|pattern| matches(pattern.as_bytes(), plain.as_bytes()));
        let allowed = !url.is_empty() && (listed || host(url).is_some_and(|host_of| Some(host_of) == host(site)));
        if allowed { url.to_owned() } else { site.clone() }
    }
}

/// Whether a text is of a pattern: `*` is any text without `.` and `/`, `**` any, `?` one character.
fn matches(pattern: &[u8], text: &[u8]) -> bool {
    match pattern {
        [] => text.is_empty(),
        [b'*', b'*', rest @ ..] => (0..=text.len()).any(|at| matches(rest, &text[at..])),
        [b'*', rest @ ..] => {
            let end = text.iter().position(|byte| matches!(byte, b'.' | b'/')).unwrap_or(text.len());
            (0..=end).any(|at| matches(rest, &text[at..]))
        }
        [b'?', rest @ ..] => text.split_first().is_some_and(|(_, tail)| matches(rest, tail)),
        [first, rest @ ..] => text.split_first().is_some_and(|(byte, tail)| byte == first && matches(rest, tail)),
    }
}

/// The pairs as a form has them.
pub(super) fn form(pairs: &[(&str, &str)]) -> String {
    let pairs = pairs.iter().map(|(name, value)| format!("{name}={}", encoded(value).replace("%20", "+")));
    pairs.collect::<Vec<_>>().join("&")
}

/// Whether this is an id.
pub(super) fn is_uuid(text: &str) -> bool {
    text.len() == 36
        && text
            .bytes()
            .enumerate()
            .all(|(at, byte)| if matches!(at, 8 | 13 | 18 | 23) { byte == b'-' } else { byte.is_ascii_hexdigit() })
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

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn patterns_are_those_of_the_service() {
        let holds = |pattern: &str, text: &str| matches(pattern.as_bytes(), text.as_bytes());
        assert!(holds("https://*.example.com", "https://a.example.com"));
        assert!(!holds("https://*.example.com", "https://a.b.example.com"));
        assert!(holds("https://a.com/**", "https://a.com/b/c?d=e") && holds("https://a.com/?", "https://a.com/b"));
        assert!(!holds("https://a.com/*", "https://a.com/b/c") && !holds("https://a.com", "https://b.com"));
    }
}
