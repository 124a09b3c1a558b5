//! The session under races and faults: one refresh for any number of callers, nothing lost, nobody
//! left waiting, no secret shown. The server is a transport that counts and can be held.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may fail by panicking")]

use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use serde_json::{Value, json};
use supabase_core::auth::{
    AuthConfig, AuthEvent, Credentials, FileStore, MemoryStore, Session, SessionStore, SignOutReason, SignOutScope,
    check_session_store,
};
use supabase_core::transport::{Body, BoxFuture, HttpRequest, HttpResponse, ResponseBody, RetryPolicy, Transport};
use supabase_core::{Client, Error, ErrorKind};
use tokio::sync::Semaphore;

const USER: &str = "11111111-1111-4111-8111-111111111111";
/// No test waits longer than this for anything.
const BOUND: Duration = Duration::from_secs(60);

async fn bounded<F: Future>(future: F) -> F::Output {
    tokio::time::timeout(BOUND, future).await.expect("nothing may hang")
}

#[derive(Clone, Copy, PartialEq)]
enum Refresh {
    Works,
    Status(u16, &'static str),
    /// The connection is cut.
    Cut,
    /// Nothing ever comes.
    Hangs,
}

/// An auth server that rotates refresh tokens and refuses a used one.
#[derive(Clone)]
struct Server(Arc<Inner>);

struct Inner {
    refreshes: AtomicUsize,
    logouts: AtomicUsize,
    tables: Mutex<Vec<String>>,
    /// Numbers tokens.
    issued: AtomicUsize,
    valid_refresh: Mutex<Vec<String>>,
    script: Mutex<Vec<Refresh>>,
    /// Refreshes wait for a permit, if there is a gate.
    gate: Option<Semaphore>,
    /// The clock of the server, as an offset from the true one.
    skew: AtomicI64,
    lifetime: AtomicI64,
}

impl Server {
    fn new() -> Self {
        Self::with_gate(None)
    }

    fn with_gate(gate: Option<Semaphore>) -> Self {
        Self(Arc::new(Inner {
            refreshes: AtomicUsize::new(0),
            logouts: AtomicUsize::new(0),
            tables: Mutex::default(),
            issued: AtomicUsize::new(0),
            valid_refresh: Mutex::default(),
            script: Mutex::default(),
            gate,
            skew: AtomicI64::new(0),
            lifetime: AtomicI64::new(3600),
        }))
    }

    fn script(&self, steps: impl IntoIterator<Item = Refresh>) {
        *self.0.script.lock().unwrap() = steps.into_iter().collect();
    }

    fn refreshes(&self) -> usize {
        self.0.refreshes.load(Ordering::SeqCst)
    }

    fn bearers(&self) -> Vec<String> {
        self.0.tables.lock().unwrap().clone()
    }

    fn issue(&self) -> Value {
        let number = self.0.issued.fetch_add(1, Ordering::SeqCst) + 1;
        let now =
            SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs() as i64 + self.0.skew.load(Ordering::SeqCst);
        let lifetime = self.0.lifetime.load(Ordering::SeqCst);
        let claims = json!({ "sub": USER, "exp": now + lifetime, "iat": now, "aal": "aal1", "n": number });
        let access = format!(
            "{}.{}.c2lnbmF0dXJl",
            URL_SAFE_NO_PAD.encode(r#"{"alg":"HS256"}"#),
            URL_SAFE_NO_PAD.encode(claims.to_string())
        );
        let refresh = format!("refresh-secret-{number}");
        *self.0.valid_refresh.lock().unwrap() = vec![refresh.clone()];
        json!({
            "access_token": access, "refresh_token": refresh, "expires_in": lifetime, "expires_at": now + lifetime,
            "token_type": "bearer", "user": { "id": USER, "aud": "authenticated", "email": "ada@example.com" },
        })
    }

    async fn answer(&self, path: &str, body: Value, bearer: String) -> Result<(u16, String), Error> {
        match path {
            "/auth/v1/token?grant_type=password" => Ok((200, self.issue().to_string())),
            "/auth/v1/token?grant_type=refresh_token" => {
                self.0.refreshes.fetch_add(1, Ordering::SeqCst);
                if let Some(gate) = &self.0.gate {
                    gate.acquire().await.unwrap().forget();
                }
                let step = {
                    let mut script = self.0.script.lock().unwrap();
                    if script.is_empty() { Refresh::Works } else { script.remove(0) }
                };
                match step {
                    Refresh::Works => {
                        let token = body["refresh_token"].as_str().unwrap().to_owned();
                        if self.0.valid_refresh.lock().unwrap().contains(&token) {
                            Ok((200, self.issue().to_string()))
                        } else {
                            Ok((400, json!({ "code": "refresh_token_already_used", "message": "used" }).to_string()))
                        }
                    }
                    Refresh::Status(status, body) => Ok((status, body.to_owned())),
                    Refresh::Cut => Err(offline()),
                    Refresh::Hangs => std::future::pending().await,
                }
            }
            path if path.starts_with("/auth/v1/logout") => {
                self.0.logouts.fetch_add(1, Ordering::SeqCst);
                Ok((204, String::new()))
            }
            _ => {
                self.0.tables.lock().unwrap().push(bearer);
                Ok((200, "[]".to_owned()))
            }
        }
    }
}

/// An error as a broken connection gives it: the recording makes one.
fn offline() -> Error {
    let recording =
        supabase_core::transport::Recording::new([supabase_core::transport::Reply::failure(ErrorKind::Offline)]);
    let client = Client::builder("http://x.test", "k").retry(RetryPolicy::none()).transport(recording).build().unwrap();
    let asked = client.from("t").select("*");
    futures_util::FutureExt::now_or_never(async move {
        let result: Result<Vec<Value>, Error> = asked.send().await;
        result
    })
    .expect("the recording answers at once")
    .unwrap_err()
}

impl Transport for Server {
    fn send(&self, request: HttpRequest) -> BoxFuture<'static, Result<HttpResponse, Error>> {
        let this = self.clone();
        Box::pin(async move {
            let body = match request.body {
                Body::Bytes(bytes) => serde_json::from_slice(&bytes).unwrap_or_default(),
                _ => Value::Null,
            };
            let path = request.url.strip_prefix("http://project.test").unwrap().to_owned();
            let bearer = request.headers.get("authorization").map_or("", |value| value.to_str().unwrap()).to_owned();
            let (status, text) = this.answer(&path, body, bearer).await?;
            let mut headers = HeaderMap::new();
            headers.insert("x-supabase-api-version", "2024-01-01".parse().unwrap());
            Ok(HttpResponse::new(
                StatusCode::from_u16(status).unwrap(),
                headers,
                ResponseBody::from_bytes(Bytes::from(text)),
            ))
        })
    }
}

/// A clock that can be put forward.
#[derive(Clone, Default)]
struct Clock(Arc<AtomicI64>);

impl Clock {
    fn forward(&self, seconds: i64) {
        self.0.fetch_add(seconds, Ordering::SeqCst);
    }
}

fn client_with(server: &Server, clock: &Clock, config: AuthConfig) -> Client {
    let offset = clock.0.clone();
    let config =
        config.clock(move || SystemTime::now() + Duration::from_secs(offset.load(Ordering::SeqCst).unsigned_abs()));
    Client::builder("http://project.test", "anon-key").transport(server.clone()).auth(config).build().unwrap()
}

/// A signed-in client without a timer.
async fn signed_in(server: &Server, clock: &Clock) -> Client {
    let client = client_with(server, clock, AuthConfig::new().auto_refresh(false));
    client.auth().sign_in_with_password(Credentials::email("ada@example.com", "pass-secret")).await.unwrap();
    client
}

async fn ask(client: &Client) -> Result<(), Error> {
    client.from("t").select("*").send().await.map(|_: Vec<Value>| ())
}

async fn held(client: &Client) -> Option<Session> {
    client.auth().session().await.unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_thousand_callers_cause_one_refresh() {
    let (server, clock) = (Server::new(), Clock::default());
    let client = signed_in(&server, &clock).await;
    clock.forward(3590);
    let tasks: Vec<_> = (0..1000)
        .map(|_| {
            let client = client.clone();
            tokio::spawn(async move { ask(&client).await })
        })
        .collect();
    for task in tasks {
        bounded(task).await.unwrap().unwrap();
    }
    assert_eq!(server.refreshes(), 1);
    let bearers = server.bearers();
    assert_eq!(bearers.len(), 1000);
    let fresh = format!("Bearer {}", held(&client).await.unwrap().access_token);
    assert!(bearers.iter().all(|bearer| *bearer == fresh));
}

#[tokio::test(start_paused = true)]
async fn a_network_failure_keeps_the_session() {
    for failure in
        [Refresh::Cut, Refresh::Status(500, "{}"), Refresh::Status(502, "<html>"), Refresh::Status(429, "{}")]
    {
        let (server, clock) = (Server::new(), Clock::default());
        let client = signed_in(&server, &clock).await;
        let mut events = client.auth().events();
        clock.forward(4000);
        server.script([failure; 50]);
        let error = ask(&client).await.unwrap_err();
        assert!(error.is_retryable(), "{error}");
        assert!(server.bearers().is_empty(), "a request is never sent as somebody else");
        assert!(matches!(events.next().await.unwrap().event, AuthEvent::InitialSession));
        let change = events.next().await.unwrap();
        assert!(matches!(change.event, AuthEvent::TokenRefreshFailed { .. }));
        assert!(change.session.is_some());
        // Attempts were made for about 30 seconds, with growing waits.
        assert!((5..=12).contains(&server.refreshes()), "{}", server.refreshes());
        server.script([]);
        tokio::time::sleep(Duration::from_secs(120)).await;
        ask(&client).await.unwrap();
        assert_eq!(server.bearers().len(), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn an_error_and_then_success_is_a_success() {
    let (server, clock) = (Server::new(), Clock::default());
    let client = signed_in(&server, &clock).await;
    clock.forward(4000);
    server.script([Refresh::Status(500, "{}"), Refresh::Cut, Refresh::Status(503, "<html>"), Refresh::Works]);
    ask(&client).await.unwrap();
    assert_eq!(server.refreshes(), 4);
}

#[tokio::test(start_paused = true)]
async fn a_failing_refresh_leaves_a_token_that_still_holds_in_use() {
    let (server, clock) = (Server::new(), Clock::default());
    let client = signed_in(&server, &clock).await;
    clock.forward(3540);
    server.script([Refresh::Hangs]);
    bounded(ask(&client)).await.unwrap();
    assert_eq!(server.bearers().len(), 1);
}

#[tokio::test]
async fn only_a_definitive_rejection_signs_out() {
    let keeps = [
        (400, "plain"),
        (401, r#"{"message":"Invalid API key"}"#),
        (404, "<html>"),
        (403, "{}"),
        (400, r#"{"code":"validation_failed","message":"m"}"#),
    ];
    for (status, body) in keeps {
        let (server, clock) = (Server::new(), Clock::default());
        let client = signed_in(&server, &clock).await;
        server.script([Refresh::Status(status, body)]);
        bounded(client.auth().refresh_session()).await.unwrap_err();
        assert!(held(&client).await.is_some(), "{status} {body}");
    }
    for code in ["refresh_token_not_found", "session_not_found", "user_banned"] {
        let (server, clock) = (Server::new(), Clock::default());
        let client = signed_in(&server, &clock).await;
        let mut events = client.auth().events();
        let body: &'static str = Box::leak(format!(r#"{{"code":"{code}","message":"m"}}"#).into_boxed_str());
        server.script([Refresh::Status(400, body)]);
        let error = bounded(client.auth().refresh_session()).await.unwrap_err();
        assert_eq!(error.auth().unwrap().code().as_str(), code);
        assert!(held(&client).await.is_none());
        assert!(matches!(events.next().await.unwrap().event, AuthEvent::InitialSession));
        assert_eq!(events.next().await.unwrap().event, AuthEvent::SignedOut(SignOutReason::Ended));
    }
}

#[tokio::test]
async fn a_sign_out_beats_a_refresh_in_flight() {
    for scope in [SignOutScope::Local, SignOutScope::Global] {
        let (server, clock) = (Server::with_gate(Some(Semaphore::new(0))), Clock::default());
        let store = MemoryStore::new();
        let client = client_with(&server, &clock, AuthConfig::new().auto_refresh(false).store(store.clone()));
        client.auth().sign_in_with_password(Credentials::email("a", "b")).await.unwrap();
        let refreshing = tokio::spawn({
            let client = client.clone();
            async move { client.auth().refresh_session().await }
        });
        while server.refreshes() == 0 {
            tokio::task::yield_now().await;
        }
        bounded(client.auth().sign_out_with(scope)).await.unwrap();
        server.0.gate.as_ref().unwrap().add_permits(10);
        let error = bounded(refreshing).await.unwrap().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unauthenticated);
        assert!(held(&client).await.is_none());
        assert_eq!(
            store.load("sb-project-auth-token").await.unwrap(),
            None,
            "the store must not keep what was signed out"
        );
        assert_eq!(server.0.logouts.load(Ordering::SeqCst), 1);
    }
}

#[tokio::test]
async fn the_refresh_survives_its_first_caller() {
    let (server, clock) = (Server::with_gate(Some(Semaphore::new(0))), Clock::default());
    let client = signed_in(&server, &clock).await;
    clock.forward(4000);
    let first = tokio::spawn({
        let client = client.clone();
        async move { ask(&client).await }
    });
    while server.refreshes() == 0 {
        tokio::task::yield_now().await;
    }
    first.abort();
    assert!(first.await.unwrap_err().is_cancelled());
    let second = tokio::spawn({
        let client = client.clone();
        async move { ask(&client).await }
    });
    tokio::task::yield_now().await;
    server.0.gate.as_ref().unwrap().add_permits(10);
    bounded(second).await.unwrap().unwrap();
    assert_eq!(server.refreshes(), 1);
}

#[test]
fn a_refresh_whose_runtime_ends_is_taken_over() {
    let runtime = || tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let (server, clock) = (Server::with_gate(Some(Semaphore::new(0))), Clock::default());
    let client = {
        let one = runtime();
        let client = one.block_on(signed_in(&server, &clock));
        clock.forward(4000);
        let (asked, counted) = (client.clone(), server.clone());
        one.block_on(async move {
            tokio::spawn(async move { ask(&asked).await });
            while counted.refreshes() == 0 {
                tokio::task::yield_now().await;
            }
        });
        client
        // The runtime ends here, and with it the refresh.
    };
    server.0.gate.as_ref().unwrap().add_permits(10);
    runtime().block_on(async { bounded(ask(&client)).await }).unwrap();
    assert_eq!(server.refreshes(), 2);
}

#[test]
fn a_runtime_that_stands_still_holds_nobody_up() {
    let runtime = || tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let (server, clock) = (Server::with_gate(Some(Semaphore::new(0))), Clock::default());
    let one = runtime();
    let client = one.block_on(signed_in(&server, &clock));
    clock.forward(4000);
    let (asked, counted) = (client.clone(), server.clone());
    one.block_on(async move {
        tokio::spawn(async move { ask(&asked).await });
        while counted.refreshes() == 0 {
            tokio::task::yield_now().await;
        }
    });
    // Nobody drives the first runtime any more, but it has not ended.
    server.0.gate.as_ref().unwrap().add_permits(10);
    runtime().block_on(async { bounded(ask(&client)).await }).unwrap();
    // When it wakes up, its refresh is too late and changes nothing.
    let before = one.block_on(held(&client)).unwrap();
    one.block_on(async {
        for _ in 0..100 {
            tokio::task::yield_now().await;
        }
    });
    assert_eq!(one.block_on(held(&client)).unwrap(), before);
}

#[tokio::test]
async fn a_server_with_another_clock_causes_no_storm() {
    for skew in [-7200, 7200] {
        let (server, clock) = (Server::new(), Clock::default());
        server.0.skew.store(skew, Ordering::SeqCst);
        let client = signed_in(&server, &clock).await;
        for _ in 0..20 {
            ask(&client).await.unwrap();
        }
        assert_eq!(server.refreshes(), 0);
        clock.forward(3590);
        ask(&client).await.unwrap();
        assert_eq!(server.refreshes(), 1);
    }
}

#[tokio::test]
async fn short_lived_tokens_are_not_refreshed_with_every_request() {
    let (server, clock) = (Server::new(), Clock::default());
    server.0.lifetime.store(60, Ordering::SeqCst);
    let client = signed_in(&server, &clock).await;
    for _ in 0..20 {
        ask(&client).await.unwrap();
    }
    assert_eq!(server.refreshes(), 0);
}

#[tokio::test(start_paused = true)]
async fn the_timer_refreshes_and_ends_with_the_last_handle() {
    let (server, clock) = (Server::new(), Clock::default());
    let client = client_with(&server, &clock, AuthConfig::new());
    client.auth().sign_in_with_password(Credentials::email("a", "b")).await.unwrap();
    let mut events = client.auth().events();
    clock.forward(3590);
    tokio::time::sleep(Duration::from_secs(61)).await;
    assert_eq!(server.refreshes(), 1);
    assert!(matches!(events.next().await.unwrap().event, AuthEvent::InitialSession));
    assert_eq!(events.next().await.unwrap().event, AuthEvent::TokenRefreshed);
    drop(client);
    assert!(bounded(events.next()).await.is_none(), "the stream ends with the last handle");
    clock.forward(3590);
    tokio::time::sleep(Duration::from_secs(300)).await;
    assert_eq!(server.refreshes(), 1);
}

#[tokio::test]
async fn two_processes_on_one_store_refresh_once() {
    let folder = tempfile::tempdir().unwrap();
    let (server, clock) = (Server::new(), Clock::default());
    let config = || AuthConfig::new().auto_refresh(false).store(FileStore::new(folder.path()).unwrap());
    let one = client_with(&server, &clock, config());
    one.auth().sign_in_with_password(Credentials::email("a", "b")).await.unwrap();
    let two = client_with(&server, &clock, config());
    assert_eq!(held(&two).await, held(&one).await);
    clock.forward(3590);
    let (first, second) = bounded(futures_util::future::join(ask(&one), ask(&two))).await;
    first.unwrap();
    second.unwrap();
    assert_eq!(server.refreshes(), 1, "the second process takes what the first one got");
    assert_eq!(held(&one).await.unwrap().refresh_token, held(&two).await.unwrap().refresh_token);
    // And a sign-out in one ends the other's session when it next refreshes.
    one.auth().sign_out_with(SignOutScope::Local).await.unwrap();
    clock.forward(3590);
    ask(&two).await.unwrap_err();
    assert!(held(&two).await.is_none());
}

#[tokio::test]
async fn a_session_outlives_its_process() {
    let folder = tempfile::tempdir().unwrap();
    let (server, clock) = (Server::new(), Clock::default());
    let config = || AuthConfig::new().auto_refresh(false).store(FileStore::new(folder.path().join("a/b")).unwrap());
    let begun = client_with(&server, &clock, config())
        .auth()
        .sign_in_with_password(Credentials::email("a", "b"))
        .await
        .unwrap();
    let client = client_with(&server, &clock, config());
    let change = client.auth().events().next().await.unwrap();
    assert_eq!((change.event, change.session), (AuthEvent::InitialSession, Some(begun)));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let file = folder.path().join("a/b/sb-project-auth-token.json");
        assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(std::fs::metadata(folder.path().join("a/b")).unwrap().permissions().mode() & 0o777, 0o700);
    }
    // What is no session is told as such, and forgotten.
    std::fs::write(folder.path().join("a/b/sb-project-auth-token.json"), "{\"half\":").unwrap();
    let client = client_with(&server, &clock, config());
    let mut events = client.auth().events();
    assert_eq!(events.next().await.unwrap().session, None);
    assert_eq!(events.next().await.unwrap().event, AuthEvent::SignedOut(SignOutReason::Unreadable));
}

#[tokio::test]
async fn the_stores_of_this_crate_keep_their_promises() {
    check_session_store(&MemoryStore::new()).await.unwrap();
    let folder = tempfile::tempdir().unwrap();
    check_session_store(&FileStore::new(folder.path()).unwrap()).await.unwrap();
}

/// Not a test of its own: the process that the next one kills.
#[test]
#[ignore = "run by `a_process_that_is_killed_while_it_saves_leaves_a_whole_session`"]
fn saves_without_end() {
    let Ok(folder) = std::env::var("SAVE_WITHOUT_END_IN") else { return };
    let store = FileStore::new(folder).unwrap();
    let texts = ["a".repeat(200_000), "b".repeat(300_000)];
    loop {
        for text in &texts {
            futures_util::FutureExt::now_or_never(store.save("session", text)).unwrap().unwrap();
        }
    }
}

#[tokio::test]
async fn a_process_that_is_killed_while_it_saves_leaves_a_whole_session() {
    let folder = tempfile::tempdir().unwrap();
    let store = FileStore::new(folder.path()).unwrap();
    for round in 0..10 {
        let mut child = std::process::Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "saves_without_end", "--ignored"])
            .env("SAVE_WITHOUT_END_IN", folder.path())
            .stdout(std::process::Stdio::null())
            .spawn()
            .unwrap();
        while store.load("session").await.unwrap().is_none() {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        tokio::time::sleep(Duration::from_millis(20 + 7 * round)).await;
        child.kill().unwrap();
        child.wait().unwrap();
        let text = store.load("session").await.unwrap().unwrap();
        assert!(text == "a".repeat(200_000) || text == "b".repeat(300_000), "{} bytes", text.len());
    }
}

/// A store that fails when it is told to.
struct Failing;

impl SessionStore for Failing {
    fn load<'a>(&'a self, _: &'a str) -> BoxFuture<'a, Result<Option<String>, supabase_core::auth::StoreError>> {
        Box::pin(async { Err("the disk is gone".into()) })
    }
    fn save<'a>(&'a self, _: &'a str, _: &'a str) -> BoxFuture<'a, Result<(), supabase_core::auth::StoreError>> {
        Box::pin(async { Err("the disk is gone".into()) })
    }
    fn remove<'a>(&'a self, _: &'a str) -> BoxFuture<'a, Result<(), supabase_core::auth::StoreError>> {
        Box::pin(async { Err("the disk is gone".into()) })
    }
}

#[tokio::test]
async fn a_store_that_cannot_be_read_never_makes_a_request_anonymous() {
    let (server, clock) = (Server::new(), Clock::default());
    let client = client_with(&server, &clock, AuthConfig::new().store(Failing));
    let error = ask(&client).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config);
    assert!(server.bearers().is_empty());
}

#[tokio::test]
async fn another_providers_tokens_are_asked_for_and_never_replaced_by_the_key() {
    let (server, calls) = (Server::new(), Arc::new(AtomicUsize::new(0)));
    let counted = calls.clone();
    let client = Client::builder("http://project.test", "anon-key")
        .transport(server.clone())
        .access_token(move || {
            let call = counted.fetch_add(1, Ordering::SeqCst);
            async move {
                match call {
                    0 => Ok(Some("external-secret".to_owned())),
                    1 => Ok(None),
                    _ => Err(std::io::Error::other("the provider is out of reach")),
                }
            }
        })
        .build()
        .unwrap();
    ask(&client).await.unwrap();
    ask(&client).await.unwrap();
    let error = ask(&client).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unauthenticated);
    assert_eq!(server.bearers(), ["Bearer external-secret", "Bearer anon-key"]);
    let refused = client.auth().sign_in_with_password(Credentials::email("a", "b")).await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Refused);
}

#[tokio::test]
async fn a_client_for_one_user_neither_sees_nor_changes_the_session() {
    let (server, clock) = (Server::new(), Clock::default());
    let client = signed_in(&server, &clock).await;
    ask(&client.as_user("their-token")).await.unwrap();
    assert_eq!(server.bearers(), ["Bearer their-token"]);
    assert_eq!(client.as_user("their-token").auth().session().await.unwrap_err().kind(), ErrorKind::Refused);
    assert!(held(&client).await.is_some());
}

#[tokio::test]
async fn an_admin_call_with_a_key_that_may_not_is_not_sent() {
    let server = Server::new();
    let anon = format!("x.{}.y", URL_SAFE_NO_PAD.encode(r#"{"role":"anon"}"#));
    for key in [anon.as_str(), "sb_publishable_abc"] {
        let client = Client::builder("http://project.test", key).transport(server.clone()).build().unwrap();
        let error = client.auth().admin().list_users(None, None).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::PermissionDenied);
        assert!(error.to_string().contains("service"), "{error}");
        assert!(!error.to_string().contains(key));
    }
    assert!(server.bearers().is_empty());
}

mod secrets {
    use super::*;
    use proptest::prelude::{ProptestConfig, prop_assert, proptest};
    use supabase_core::auth::{Credentials, IdToken, Otp, OtpType, SignUp, UserAttributes, VerifyOtp, Web3};

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        /// No password, token or code shows in what a programmer may print or log.
        #[test]
        fn never_show(secret in "[a-zA-Z0-9]{16,40}") {
            let claims = URL_SAFE_NO_PAD.encode(json!({ "exp": 4_102_444_800_i64 }).to_string());
            let session: Session = serde_json::from_value(json!({
                "access_token": format!("h.{claims}.{secret}"), "refresh_token": secret, "expires_in": 3600, "expires_at": 1,
                "token_type": "bearer", "provider_token": secret, "provider_refresh_token": secret, "user": { "id": USER },
            })).unwrap();
            let client = Client::builder("http://project.test", &secret).build().unwrap();
            let shown = [
                format!("{session:?}"),
                format!("{:?}", Credentials::email("a", &secret).captcha(&secret)),
                format!("{:?}", SignUp::phone("1", &secret)),
                format!("{:?}", IdToken::new("google", &secret).nonce(&secret).access_token(&secret)),
                format!("{:?}", Otp::email(&secret)),
                format!("{:?}", VerifyOtp::email("a", &secret, OtpType::Email)),
                format!("{:?}", VerifyOtp::token_hash(&secret, OtpType::Email)),
                format!("{:?}", UserAttributes::new().password(&secret).nonce(&secret)),
                format!("{:?}", Web3::ethereum(&secret, secret.as_bytes())),
                format!("{client:?} {:?} {:?}", client.auth(), client.as_user(&secret)),
            ];
            for text in shown {
                prop_assert!(!text.contains(&secret), "{text}");
            }
        }
    }

    #[tokio::test]
    async fn an_error_shows_neither_key_nor_token_nor_what_was_sent() {
        let (server, clock) = (Server::new(), Clock::default());
        let client = signed_in(&server, &clock).await;
        let session = held(&client).await.unwrap();
        server.script([Refresh::Status(400, r#"{"code":"validation_failed","message":"no"}"#)]);
        let error = client.auth().refresh_session().await.unwrap_err();
        for text in [error.to_string(), format!("{error:?}")] {
            for secret in [&*session.access_token, &*session.refresh_token, "anon-key", "pass-secret"] {
                assert!(!text.contains(secret), "{text}");
            }
        }
    }
}
