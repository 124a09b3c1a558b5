//! What is written into logs with `{:?}` holds no token, no key and nobody's data.

#![cfg(all(feature = "storage", feature = "functions", feature = "realtime"))]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may fail by panicking")]

use std::time::Duration;

use http::StatusCode;
use serde_json::json;
use supabase_core::Client;
use supabase_core::auth::{Anonymous, AuthorizationDetails, Sso};
use supabase_core::storage::LoadedTable;
use supabase_core::transport::{Recording, Reply};

const SECRET: &str = "s3cr3t";

/// Says what it is about, and not what nobody may know.
fn shows(debug: &str, parts: &[&str]) {
    assert!(!debug.contains(SECRET), "{debug}");
    assert!(parts.iter().all(|part| debug.contains(part)), "{debug}");
}

fn client(reply: &str) -> (Client, Recording) {
    let recording = Recording::new([Reply::json(StatusCode::OK, reply)]);
    (Client::builder("https://example.supabase.co", "key").transport(recording.clone()).build().unwrap(), recording)
}

#[tokio::test]
async fn storage() {
    let signed = json!([{"error": null, "path": "a.png", "signedURL": format!("/object/sign/b/a.png?token={SECRET}")}]);
    let (client, _) = client(&signed.to_string());
    let minute = Duration::from_secs(60);
    let entries = client.storage().from("b").create_signed_urls(["a.png"], minute).await.unwrap();
    assert!(entries[0].url.as_ref().unwrap().ends_with(SECRET));
    shows(&format!("{entries:?}"), &["SignedEntry", "https://example.supabase.co/storage/v1/object/sign/b/a.png\""]);

    let table: LoadedTable = serde_json::from_value(json!({
        "metadata-location": "s3://b/t.json", "metadata": {"format-version": 2},
        "config": {"s3.secret-access-key": SECRET, "token": SECRET}
    }))
    .unwrap();
    assert_eq!(table.config.as_ref().unwrap()["token"], SECRET);
    shows(&format!("{table:?}"), &["LoadedTable", "s3://b/t.json", "format-version", "s3.secret-access-key", "token"]);
}

#[test]
fn auth() {
    let details: AuthorizationDetails = serde_json::from_value(json!({
        "authorization_id": "id", "scope": "email",
        "redirect_url": format!("https://app.example/cb?code={SECRET}"), "code": SECRET
    }))
    .unwrap();
    shows(&format!("{details:?}"), &["AuthorizationDetails", "email", "https://app.example/cb\"", "[\"code\"]"]);
    shows(&format!("{:?}", Anonymous::new().captcha(SECRET)), &["Anonymous"]);
    shows(&format!("{:?}", Sso::domain("example.com").captcha(SECRET)), &["Sso"]);
}

#[tokio::test]
async fn functions_and_realtime() {
    let (client, recording) = client("{}");
    let call = client
        .functions()
        .invoke(&format!("hello?code={SECRET}"))
        .query("key", SECRET)
        .header("x-api-key", SECRET)
        .header("authorization", &format!("Bearer {SECRET}"))
        .json(SECRET);
    shows(&format!("{call:?}"), &["Invoke", "POST", "/hello"]);
    call.await.unwrap();
    // Nor do the headers show it on their way, whoever prints them.
    let sent = &recording.sent()[0];
    assert_eq!(sent.headers["x-api-key"], SECRET);
    shows(&format!("{:?}", sent.headers), &["x-api-key"]);
    client.storage().list_buckets().header("x-api-key", SECRET).await.unwrap_err();
    shows(&format!("{:?}", recording.sent()[1].headers), &["x-api-key"]);

    let broadcast = client.channel("room").http_broadcast("cursor").json(SECRET);
    shows(&format!("{broadcast:?}"), &["HttpBroadcast", "/room/events/cursor"]);
    let batch = client.realtime().broadcast().message("room", "cursor", SECRET);
    shows(&format!("{batch:?}"), &["BroadcastBatch", "1"]);
}
