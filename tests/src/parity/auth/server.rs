//! A server that answers as the recording one did, and writes down what it was asked.

use std::sync::{Arc, Mutex, PoisonError};

use http::{HeaderMap, StatusCode};
use serde_json::{Value, json};
use supabase_core::Result;
use supabase_core::transport::{Body, BoxFuture, HttpRequest, HttpResponse, ResponseBody, Transport};

use super::token::{key_set, user_jwt};

/// One request, as far as it means something.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Seen {
    pub(super) method: String,
    pub(super) path: String,
    /// Decoded and sorted.
    pub(super) params: Vec<(String, String)>,
    /// `apikey`, `authorization`, `accept-profile`, `x-supabase-api-version`, `x-custom`.
    pub(super) headers: Vec<(&'static str, String)>,
    pub(super) body: Value,
}

/// The headers that are compared. `content-type` goes with the body, `x-client-info` names each client,
/// and `accept` is every language's own.
pub(super) const HEADERS: [&str; 5] =
    ["apikey", "authorization", "accept-profile", "x-supabase-api-version", "x-custom"];

#[derive(Clone, Default)]
pub(super) struct Server(Arc<Mutex<Vec<Seen>>>);

impl Server {
    /// What was asked since the last time.
    pub(super) fn take(&self) -> Vec<Seen> {
        std::mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

fn user() -> Value {
    json!({ "id": "11111111-1111-4111-8111-111111111111", "aud": "authenticated", "email": "email@example.com", "phone": "",
        "app_metadata": {}, "user_metadata": {}, "identities": [{ "id": "i1", "identity_id": "22222222-2222-4222-8222-222222222222", "provider": "google" }],
        "factors": [{ "id": "33333333-3333-4333-8333-333333333333", "factor_type": "totp", "status": "verified" }],
        "action_link": "https://x/verify", "email_otp": "123456", "hashed_token": "ht" })
}

fn answer(method: &str, path: &str) -> Value {
    let session = || json!({ "access_token": user_jwt(), "refresh_token": "refresh-token-1", "expires_in": 3600, "expires_at": 4_102_444_800_i64, "token_type": "bearer", "user": user() });
    let oauth = || json!({ "client_id": "c", "client_name": "n", "redirect_uris": [] });
    match path {
        "/auth/v1/token"
        | "/auth/v1/signup"
        | "/auth/v1/verify"
        | "/auth/v1/passkeys/authentication/verify"
        | "/auth/v1/factors/recovery-codes/verify" => session(),
        path if path.ends_with("/verify") && path.contains("/factors/") => session(),
        "/auth/v1/otp" | "/auth/v1/resend" => json!({ "message_id": "m1" }),
        "/auth/v1/sso" | "/auth/v1/user/identities/authorize" => json!({ "url": "https://idp.example.com/x" }),
        "/auth/v1/factors" => {
            json!({ "id": "f", "type": "totp", "totp": { "qr_code": "<svg/>", "secret": "S", "uri": "otpauth://" } })
        }
        path if path.ends_with("/challenge") => {
            json!({ "id": "4034ae6f-a8ce-4fb5-8ee5-69a5863a7c15", "type": "totp", "expires_at": 1 })
        }
        path if path.contains("recovery-codes") => json!({ "id": "rc", "codes": ["a"] }),
        path if path.contains("/oauth/authorizations/") => json!({ "redirect_url": "https://r/?code=1" }),
        "/auth/v1/user/oauth/grants" if method == "GET" => json!([]),
        "/auth/v1/passkeys" => json!([]),
        path if path.contains("/passkeys/") && path.ends_with("/options") => {
            json!({ "challenge_id": "c1", "options": {} })
        }
        path if path.starts_with("/auth/v1/passkeys/") => json!({ "id": "pk1" }),
        path if path.ends_with("/passkeys") => json!([]),
        "/auth/v1/admin/users" if method == "GET" => json!({ "users": [user()] }),
        path if path.ends_with("/factors") => json!({ "factors": [] }),
        "/auth/v1/admin/oauth/clients" if method == "GET" => json!({ "clients": [oauth()] }),
        path if path.starts_with("/auth/v1/admin/oauth/clients") => oauth(),
        path if path.starts_with("/auth/v1/admin/custom-providers") => {
            json!({ "providers": [], "identifier": "custom:x" })
        }
        "/auth/v1/.well-known/jwks.json" => key_set(),
        path if path.contains("/user") || path == "/auth/v1/invite" || path.ends_with("/generate_link") => user(),
        path if path.starts_with("/rest/v1/") || path == "/storage/v1/bucket" => json!([]),
        _ => json!({}),
    }
}

/// The pairs of a query, decoded and sorted: their order means nothing to the services.
pub(super) fn pairs(query: &str) -> Vec<(String, String)> {
    let mut pairs: Vec<_> = url::form_urlencoded::parse(query.as_bytes()).into_owned().collect();
    pairs.sort();
    pairs
}

impl Transport for Server {
    fn send(&self, request: HttpRequest) -> BoxFuture<'static, Result<HttpResponse>> {
        let target = request.url.strip_prefix("http://project.test").expect("the project's URL");
        let (path, query) = target.split_once('?').unwrap_or((target, ""));
        let body = match &request.body {
            Body::Bytes(bytes) if bytes.is_empty() => Value::Null,
            Body::Bytes(bytes) => serde_json::from_slice(bytes).expect("a body of JSON"),
            _ => Value::Null,
        };
        let header = |name: &str| Some(request.headers.get(name)?.to_str().ok()?.to_owned());
        let own = header("x-client-info").is_some_and(|info| info.starts_with("supabase-rs/"));
        assert!(own, "{path}: every request names the client");
        let headers = HEADERS.iter().filter_map(|name| Some((*name, header(name)?))).collect();
        let text = answer(request.method.as_str(), path).to_string();
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(Seen {
            method: request.method.to_string(),
            path: path.to_owned(),
            params: pairs(query),
            headers,
            body,
        });
        Box::pin(async move { Ok(HttpResponse::new(StatusCode::OK, HeaderMap::new(), ResponseBody::from_bytes(text))) })
    }
}
