//! The session when what is around it breaks: real sockets that are cut, real processes that share a store.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may fail by panicking")]

use std::path::Path;
use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use serde_json::json;
use supabase_core::Client;
use supabase_core::auth::{
    AdminUser, AuthConfig, AuthEvent, Credentials, FileStore, MemoryStore, SessionStore, SignOutReason,
};
use supabase_local::Stack;
use supabase_tests::server::Server;

/// No wait is longer than this.
const BOUND: Duration = Duration::from_secs(60);

async fn within<T>(future: impl Future<Output = T>) -> T {
    tokio::time::timeout(BOUND, future).await.expect("nothing may hang")
}

/// A session that ended long ago, as a store has it.
fn stale() -> String {
    json!({
        "access_token": "a.e30.c", "refresh_token": "first", "expires_in": 3600, "expires_at": 1_000_000_000,
        "token_type": "bearer", "user": { "id": "11111111-1111-4111-8111-111111111111" },
    })
    .to_string()
}

async fn client(url: &str) -> Client {
    let store = MemoryStore::new();
    store.save("session", &stale()).await.unwrap();
    let config = AuthConfig::new().auto_refresh(false).store(store).storage_key("session");
    Client::builder(url, "anon-key").auth(config).build().unwrap()
}

fn answer(status: &str, body: &str) -> String {
    let length = body.len();
    format!(
        "HTTP/1.1 {status}\r\ncontent-type: application/json\r\nx-supabase-api-version: 2024-01-01\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}"
    )
}

fn fresh() -> String {
    json!({
        "access_token": "new.e30.c", "refresh_token": "second", "expires_in": 3600, "token_type": "bearer",
        "user": { "id": "11111111-1111-4111-8111-111111111111" },
    })
    .to_string()
}

#[tokio::test]
async fn a_connection_that_is_cut_during_a_refresh_costs_a_retry_and_nothing_else() {
    // Before an answer, in its head, and in its body, where half of a session has come already.
    for cut_after in [0, 20, 200] {
        let asked = Arc::new(AtomicUsize::new(0));
        let counted = asked.clone();
        let server = Server::start(move |mut exchange| {
            let number = counted.fetch_add(1, Ordering::SeqCst);
            async move {
                assert!(
                    exchange.head.starts_with("POST /auth/v1/token?grant_type=refresh_token "),
                    "{}",
                    exchange.head
                );
                let answer = answer("200 OK", &fresh());
                let part = if number == 0 { &answer[..cut_after] } else { &answer };
                exchange.say(part).await
            }
        })
        .await
        .unwrap();
        let client = client(&server.url).await;
        let mut events = client.auth().events();
        let session = within(client.auth().refresh_session()).await.unwrap();
        assert_eq!((session.access_token.as_str(), session.refresh_token.as_str()), ("new.e30.c", "second"));
        assert_eq!(asked.load(Ordering::SeqCst), 2, "cut after {cut_after} bytes");
        assert_eq!(within(events.next()).await.unwrap().event, AuthEvent::InitialSession);
        assert_eq!(within(events.next()).await.unwrap().event, AuthEvent::TokenRefreshed);
    }
}

#[tokio::test]
async fn a_refresh_token_that_is_none_ends_the_session() {
    // What the real server says of a token that it could never have made.
    let server = Server::start(async |mut exchange| {
        let body = json!({ "code": "validation_failed", "message": "Refresh token is not valid" }).to_string();
        exchange.say(answer("400 Bad Request", &body)).await
    })
    .await
    .unwrap();
    let client = client(&server.url).await;
    let mut events = client.auth().events();
    within(client.auth().refresh_session()).await.unwrap_err();
    assert!(client.auth().session().await.unwrap().is_none());
    assert_eq!(within(events.next()).await.unwrap().event, AuthEvent::InitialSession);
    assert_eq!(within(events.next()).await.unwrap().event, AuthEvent::SignedOut(SignOutReason::Ended));
}

/// Not a test of its own: the process that the next one starts twice.
#[tokio::test]
#[ignore = "run by `two_processes_share_a_store_and_neither_loses_the_session`"]
async fn refreshes_again_and_again() {
    let Ok(folder) = std::env::var("REFRESH_AGAIN_IN") else { return };
    let variable = |name: &str| std::env::var(name).unwrap();
    let config = AuthConfig::new().auto_refresh(false).store(FileStore::new(folder).unwrap()).storage_key("session");
    let client = Client::builder(&variable("REFRESH_URL"), &variable("REFRESH_KEY")).auth(config).build().unwrap();
    let mut events = client.auth().events();
    for _ in 0..12 {
        within(client.auth().refresh_session()).await.unwrap();
    }
    drop(client);
    while let Some(change) = events.next().await {
        assert!(matches!(change.event, AuthEvent::InitialSession | AuthEvent::TokenRefreshed), "{:?}", change.event);
    }
}

#[tokio::test]
async fn two_processes_share_a_store_and_neither_loses_the_session() {
    let stack = Stack::start().await.unwrap();
    let database = stack.database().await.unwrap();
    // One token used twice, at any distance, ends the session for both.
    database.configure_auth(|settings| settings.reuse_interval = 0);
    let admin = Client::new(database.url(), database.service_key()).unwrap().auth().admin();
    admin
        .create_user(AdminUser::new().email("ada@example.com").password("secret-1").email_confirm(true))
        .await
        .unwrap();
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("shared-session-{}", std::process::id()));
    let config = AuthConfig::new().auto_refresh(false).store(FileStore::new(&folder).unwrap()).storage_key("session");
    let client = Client::builder(database.url(), database.anon_key()).auth(config).build().unwrap();
    client.auth().sign_in_with_password(Credentials::email("ada@example.com", "secret-1")).await.unwrap();

    let program = std::env::current_exe().unwrap();
    let children: Vec<_> = (0..2)
        .map(|_| {
            tokio::process::Command::new(&program)
                .args(["--exact", "refreshes_again_and_again", "--ignored", "--nocapture"])
                .env("REFRESH_AGAIN_IN", &folder)
                .env("REFRESH_URL", database.url())
                .env("REFRESH_KEY", database.anon_key())
                .stdout(Stdio::piped())
                .stderr(Stdio::piped())
                .kill_on_drop(true)
                .spawn()
                .unwrap()
        })
        .collect();
    for child in children {
        let output = within(child.wait_with_output()).await.unwrap();
        let text = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success() && text.contains("1 passed"), "{text}");
    }
    // This process has not heard of any of it, and finds the last token in the store.
    within(client.auth().refresh_session()).await.unwrap();
    assert!(client.auth().get_user().await.is_ok());
    let rows = database.sql("select count(*) from auth.refresh_tokens where not revoked").await.unwrap();
    assert_eq!(rows[0].get(0), Some("1"), "one token is alive");
    std::fs::remove_dir_all(&folder).unwrap();
}
