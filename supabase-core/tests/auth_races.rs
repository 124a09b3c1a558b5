//! What late answers, other processes and failing stores may not do to a session.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may fail by panicking")]

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use serde_json::{Value, json};
use supabase_core::auth::{
    AuthConfig, AuthErrorCode, AuthEvent, AuthFlow, Credentials, EthereumMessage, MemoryStore, Otp, SessionStore,
    SignOutReason, SignOutScope, StoreError,
};
use supabase_core::transport::{Body, BoxFuture, HttpRequest, HttpResponse, ResponseBody, RetryPolicy, Transport};
use supabase_core::{Client, Error, ErrorKind};
use tokio::sync::Semaphore;

const KEPT: &str = "sb-project-auth-token";

/// An auth server with many users: whoever signs in is the user of that name. Its refresh tokens name user
/// and session, and stay good until the session is ended.
#[derive(Clone, Default)]
struct Server(Arc<Inner>);

#[derive(Default)]
struct Inner {
    sessions: AtomicUsize,
    ended: Mutex<Vec<String>>,
    /// Answers to these paths wait for a permit.
    gates: Mutex<BTreeMap<&'static str, Arc<Semaphore>>>,
    /// Answers that come instead of the server's own.
    scripted: Mutex<BTreeMap<&'static str, (u16, String)>>,
    paths: Mutex<Vec<String>>,
}

impl Server {
    fn hold(&self, path: &'static str) -> Arc<Semaphore> {
        let gate = Arc::new(Semaphore::new(0));
        self.0.gates.lock().unwrap().insert(path, gate.clone());
        gate
    }

    fn script(&self, path: &'static str, status: u16, body: &Value) {
        self.0.scripted.lock().unwrap().insert(path, (status, body.to_string()));
    }

    fn asked(&self, path: &str) -> usize {
        self.0.paths.lock().unwrap().iter().filter(|asked| asked.starts_with(path)).count()
    }

    async fn until_asked(&self, path: &str) {
        tokio::time::timeout(Duration::from_secs(30), async {
            while self.asked(path) == 0 {
                tokio::task::yield_now().await;
            }
        })
        .await
        .expect("the request never came");
    }

    fn session(user: &str, id: &str) -> Value {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
        let claims =
            json!({ "sub": user, "exp": now + 3600, "session_id": id, "at": format!("{:?}", SystemTime::now()) });
        let access = format!(
            "{}.{}.c2ln",
            URL_SAFE_NO_PAD.encode(r#"{"alg":"HS256"}"#),
            URL_SAFE_NO_PAD.encode(claims.to_string())
        );
        json!({
            "access_token": access, "refresh_token": format!("{user}/{id}"), "expires_in": 3600, "expires_at": now + 3600,
            "token_type": "bearer", "user": { "id": id_of(user), "aud": "authenticated" },
        })
    }

    fn answer(&self, path: &str, body: &Value) -> (u16, String) {
        if let Some(scripted) = self.0.scripted.lock().unwrap().get(path.split('?').next().unwrap()) {
            return scripted.clone();
        }
        match path {
            "/token?grant_type=password" | "/token?grant_type=pkce" => {
                let id = self.0.sessions.fetch_add(1, Ordering::SeqCst) + 1;
                let user = body["email"].as_str().unwrap_or("flow").to_owned();
                (200, Self::session(&user, &id.to_string()).to_string())
            }
            "/token?grant_type=refresh_token" => {
                let token = body["refresh_token"].as_str().unwrap();
                if self.0.ended.lock().unwrap().iter().any(|ended| ended == token) {
                    return (400, json!({ "code": "refresh_token_not_found", "message": "gone" }).to_string());
                }
                let (user, id) = token.split_once('/').unwrap();
                (200, Self::session(user, id).to_string())
            }
            path if path.starts_with("/logout") => (204, String::new()),
            path => panic!("{path} is not expected here"),
        }
    }
}

impl Transport for Server {
    fn send(&self, request: HttpRequest) -> BoxFuture<'static, Result<HttpResponse, Error>> {
        let this = self.clone();
        Box::pin(async move {
            let body: Value = match request.body {
                Body::Bytes(bytes) => serde_json::from_slice(&bytes).unwrap_or_default(),
                _ => Value::Null,
            };
            let path = request.url.strip_prefix("http://project.test").unwrap();
            let Some(path) = path.strip_prefix("/auth/v1") else { return Ok(answer(200, "[]")) };
            this.0.paths.lock().unwrap().push(path.to_owned());
            let (status, text) = this.answer(path, &body);
            let gate = this.0.gates.lock().unwrap().get(path.split('?').next().unwrap()).cloned();
            if let Some(gate) = gate {
                gate.acquire().await.unwrap().forget();
            }
            Ok(answer(status, &text))
        })
    }
}

/// A UUID for each name of these tests.
fn id_of(user: &str) -> String {
    let number: u32 = user.bytes().map(u32::from).sum();
    format!("{number:08x}-0000-4000-8000-000000000000")
}

fn answer(status: u16, text: &str) -> HttpResponse {
    let mut headers = HeaderMap::new();
    headers.insert("x-supabase-api-version", "2024-01-01".parse().unwrap());
    let body = ResponseBody::from_bytes(Bytes::copy_from_slice(text.as_bytes()));
    HttpResponse::new(StatusCode::from_u16(status).unwrap(), headers, body)
}

/// A store that fails or hangs when it is told to.
#[derive(Clone, Default)]
struct Store {
    kept: MemoryStore,
    full: Arc<AtomicBool>,
    /// The next save takes so many seconds.
    slow: Arc<AtomicUsize>,
}

impl SessionStore for Store {
    fn load<'a>(&'a self, key: &'a str) -> BoxFuture<'a, Result<Option<String>, StoreError>> {
        self.kept.load(key)
    }
    fn save<'a>(&'a self, key: &'a str, text: &'a str) -> BoxFuture<'a, Result<(), StoreError>> {
        Box::pin(async move {
            if self.full.load(Ordering::SeqCst) {
                return Err("the disk is full".into());
            }
            let seconds = self.slow.swap(0, Ordering::SeqCst);
            tokio::time::sleep(Duration::from_secs(seconds as u64)).await;
            self.kept.save(key, text).await
        })
    }
    fn remove<'a>(&'a self, key: &'a str) -> BoxFuture<'a, Result<(), StoreError>> {
        if self.full.load(Ordering::SeqCst) {
            return Box::pin(async { Err("the disk is full".into()) });
        }
        self.kept.remove(key)
    }
}

impl Store {
    async fn refresh_token(&self) -> Option<String> {
        let text = self.kept.load(KEPT).await.unwrap()?;
        Some(serde_json::from_str::<Value>(&text).unwrap()["refresh_token"].as_str().unwrap().to_owned())
    }
}

fn client(server: &Server, config: AuthConfig) -> Client {
    Client::builder("http://project.test", "anon-key")
        .transport(server.clone())
        .retry(RetryPolicy::none())
        .auth(config.auto_refresh(false))
        .build()
        .unwrap()
}

async fn sign_in(client: &Client, user: &str) -> String {
    client.auth().sign_in_with_password(Credentials::email(user, "secret")).await.unwrap().refresh_token
}

async fn held(client: &Client) -> Option<String> {
    client.auth().session().await.unwrap().map(|session| session.refresh_token)
}

#[tokio::test]
async fn another_processs_user_is_neither_removed_nor_overwritten() {
    for first_user_lives in [true, false] {
        let (server, store) = (Server::default(), Store::default());
        let one = client(&server, AuthConfig::new().store(store.clone()));
        let first = sign_in(&one, "ada").await;
        let other = client(&server, AuthConfig::new().store(store.clone()));
        assert_eq!(held(&other).await, Some(first.clone()));
        one.auth().sign_out_with(SignOutScope::Local).await.unwrap();
        if !first_user_lives {
            server.0.ended.lock().unwrap().push(first);
        }
        let second = sign_in(&one, "grace").await;
        // The other process still holds the first user when its token is due.
        let mut events = other.auth().events();
        assert_eq!(events.next().await.unwrap().event, AuthEvent::InitialSession);
        let error = other.auth().refresh_session().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unauthenticated);
        assert_eq!(events.next().await.unwrap().event, AuthEvent::SignedOut(SignOutReason::Elsewhere));
        assert_eq!(store.refresh_token().await, Some(second.clone()));
        one.auth().refresh_session().await.unwrap();
        assert_eq!(held(&one).await, Some(second));
    }
}

#[tokio::test]
async fn the_end_of_a_session_says_nothing_about_the_next_one_of_the_store() {
    let (server, store) = (Server::default(), Store::default());
    let one = client(&server, AuthConfig::new().store(store.clone()));
    sign_in(&one, "ada").await;
    let other = client(&server, AuthConfig::new().store(store.clone()));
    assert!(held(&other).await.is_some());
    let second = sign_in(&one, "ada").await;
    server.script("/user", 403, &json!({ "code": "session_not_found", "message": "gone" }));
    other.auth().get_user().await.unwrap_err();
    assert_eq!(held(&other).await, None, "its own session is over");
    assert_eq!(store.refresh_token().await, Some(second), "the newer one is not");
}

#[tokio::test]
async fn an_answer_about_one_session_does_not_end_the_next() {
    let server = Server::default();
    let store = Store::default();
    let client = client(&server, AuthConfig::new().store(store.clone()));
    sign_in(&client, "ada").await;
    server.script("/user", 403, &json!({ "code": "session_not_found", "message": "gone" }));
    let gate = server.hold("/user");
    let asking = tokio::spawn({
        let client = client.clone();
        async move { client.auth().get_user().await }
    });
    server.until_asked("/user").await;
    let second = sign_in(&client, "ada").await;
    gate.add_permits(1);
    asking.await.unwrap().unwrap_err();
    assert_eq!(held(&client).await, Some(second.clone()));
    // A sign-out everywhere whose answer comes after somebody has signed in.
    let gate = server.hold("/logout");
    let leaving = tokio::spawn({
        let client = client.clone();
        async move { client.auth().sign_out().await }
    });
    server.until_asked("/logout").await;
    let third = sign_in(&client, "grace").await;
    gate.add_permits(1);
    leaving.await.unwrap().unwrap();
    assert_eq!(held(&client).await, Some(third.clone()));
    assert_eq!(store.refresh_token().await, Some(third));
}

#[tokio::test]
async fn what_a_full_disk_kept_does_not_replace_what_came_after() {
    let (server, store) = (Server::default(), Store::default());
    let client = client(&server, AuthConfig::new().store(store.clone()));
    let old = sign_in(&client, "ada").await;
    store.full.store(true, Ordering::SeqCst);
    let new = sign_in(&client, "ada").await;
    assert_eq!(store.refresh_token().await, Some(old.clone()));
    store.full.store(false, Ordering::SeqCst);
    server.0.ended.lock().unwrap().push(old);
    client.auth().refresh_session().await.unwrap();
    assert_eq!(held(&client).await, Some(new.clone()));
    assert_eq!(store.refresh_token().await, Some(new));
}

#[tokio::test(start_paused = true)]
async fn a_write_that_hung_does_not_bring_back_what_was_signed_out() {
    let (server, store) = (Server::default(), Store::default());
    let client = client(&server, AuthConfig::new().store(store.clone()));
    store.slow.store(60, Ordering::SeqCst);
    let signing_in = tokio::spawn({
        let client = client.clone();
        async move { sign_in(&client, "ada").await }
    });
    server.until_asked("/token").await;
    while held(&client).await.is_none() {
        tokio::task::yield_now().await;
    }
    client.auth().sign_out_with(SignOutScope::Local).await.unwrap();
    signing_in.await.unwrap();
    assert_eq!(held(&client).await, None);
    assert_eq!(store.refresh_token().await, None);
}

#[tokio::test]
async fn a_store_that_fails_costs_no_session_and_hides_no_refusal() {
    let (server, store) = (Server::default(), Store::default());
    let client = client(&server, AuthConfig::new().store(store.clone()));
    server.script("/otp", 200, &json!({}));
    client.auth().sign_in_with_otp(Otp::email("ada@example.com")).await.unwrap();
    store.full.store(true, Ordering::SeqCst);
    client.auth().exchange_code_for_session("code", None).await.unwrap();
    assert!(held(&client).await.is_some(), "the code is used up: the session must not be lost");
    store.full.store(false, Ordering::SeqCst);
    server.script("/otp", 429, &json!({ "code": "over_email_send_rate_limit", "message": "slow down" }));
    let gate = server.hold("/otp");
    let before = server.asked("/otp");
    let asking = tokio::spawn({
        let client = client.clone();
        async move { client.auth().sign_in_with_otp(Otp::email("ada@example.com")).await }
    });
    while server.asked("/otp") == before {
        tokio::task::yield_now().await;
    }
    store.full.store(true, Ordering::SeqCst);
    gate.add_permits(1);
    let error = asking.await.unwrap().unwrap_err();
    assert_eq!(error.auth().unwrap().code(), &AuthErrorCode::OverEmailSendRateLimit);
}

#[tokio::test]
async fn a_verifier_that_was_only_guessed_at_stays() {
    let server = Server::default();
    let client = client(&server, AuthConfig::new());
    server.script("/otp", 200, &json!({}));
    client.auth().sign_in_with_otp(Otp::email("ada@example.com")).await.unwrap();
    server.script("/token", 400, &json!({ "code": "bad_code_verifier", "message": "another flow's" }));
    let error = client.auth().exchange_code_for_session("another flow's", None).await.unwrap_err();
    assert_eq!(error.auth().unwrap().code(), &AuthErrorCode::BadCodeVerifier);
    server.0.scripted.lock().unwrap().clear();
    client.auth().exchange_code_for_session("this flow's", None).await.unwrap();
}

#[tokio::test]
async fn tokens_in_a_url_begin_no_session_of_a_client_whose_flows_bring_codes() {
    let url = "https://app.example.com/#access_token=a.b.c&refresh_token=theirs&expires_in=3600&token_type=bearer";
    let server = Server::default();
    let pkce = client(&server, AuthConfig::new());
    let error = pkce.auth().session_from_url(url).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Refused);
    assert!(error.to_string().contains("AuthFlow::Implicit"), "{error}");
    assert_eq!(held(&pkce).await, None);
    server.script("/user", 200, &json!({ "id": id_of("ada"), "aud": "authenticated" }));
    let implicit = client(&server, AuthConfig::new().flow(AuthFlow::Implicit));
    assert!(implicit.auth().session_from_url(url).await.unwrap().is_some());
}

#[tokio::test]
async fn an_outage_of_the_public_keys_causes_one_request() {
    let server = Server::default();
    let client = client(&server, AuthConfig::new());
    server.script("/.well-known/jwks.json", 503, &json!({ "message": "down" }));
    server.script("/user", 403, &json!({ "code": "bad_jwt", "message": "no" }));
    let token = format!(
        "{}.{}.c2ln",
        URL_SAFE_NO_PAD.encode(r#"{"alg":"ES256","kid":"unknown"}"#),
        URL_SAFE_NO_PAD.encode(r#"{"exp":4102444800}"#)
    );
    for _ in 0..20 {
        client.auth().get_claims_of(&token).await.unwrap_err();
    }
    assert_eq!(server.asked("/.well-known/jwks.json"), 1);
}

#[test]
fn no_field_of_a_wallets_message_has_a_line_break() {
    let message = || {
        EthereumMessage::new(
            "example.com",
            "0x0000000000000000000000000000000000000001",
            "https://example.com",
            "2026-01-01T00:00:00Z",
        )
        .chain_id("1")
    };
    assert!(message().expiration_time("2027-01-01T00:00:00Z").text().is_ok());
    for hostile in ["2027-01-01T00:00:00Z\nRequest ID: x", "2027-01-01T00:00:00Z\rRequest ID: x"] {
        assert!(message().expiration_time(hostile).text().is_err());
        assert!(message().not_before(hostile).text().is_err());
    }
}
