//! Requests of the storage service against those that the official clients send, its errors against the answers that
//! they were given, and both against a real server's; see [`supabase_tests::parity::storage`].

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

use std::sync::Arc;
use std::time::Duration;

use http::StatusCode;
use serde_json::{Value, json};
use supabase_core::storage::Resumable;
use supabase_core::transport::{Recording, Reply, RetryPolicy};
use supabase_core::{Client, ErrorKind};
use supabase_tests::parity::{Tally, storage, vectors};

const URL: &str = "https://example.supabase.co";
const MINUTE: Duration = Duration::from_secs(60);

fn recorded(replies: impl IntoIterator<Item = Reply>) -> (Client, Recording) {
    let recording = Recording::new(replies);
    let retry = RetryPolicy::default().sleep(Arc::new(|_| Box::pin(async {})));
    (Client::builder(URL, "the-key").transport(recording.clone()).retry(retry).build().unwrap(), recording)
}

fn check(tally: &Tally, summary: &str) {
    tally.print();
    assert!(tally.failures.is_empty(), "{:#?}", tally.failures);
    assert!(tally.summary.starts_with(summary), "{}", tally.summary);
}

#[tokio::test]
async fn requests_are_those_of_the_official_clients() {
    check(&storage::wire::run(&vectors()).await, "storage wire parity: 111 of 111");
}

#[tokio::test]
async fn a_resumable_upload_is_that_of_tus_js_client() {
    check(&storage::tus::run(&vectors()).await, "storage resumable requests: 5 of 5");
}

#[tokio::test]
async fn errors_mean_what_the_server_means() {
    check(&storage::errors::run(&vectors()).await, "storage errors: 13 of 13");
}

#[tokio::test]
async fn recorded_exchanges_go_through_the_client() {
    check(&storage::through::run(&vectors()).await, "storage exchanges through the client: 473 of 473");
}

#[tokio::test(flavor = "multi_thread")]
async fn recorded_exchanges_are_answered_alike() {
    check(&storage::exchange::run(&vectors()).await, "storage exchanges: 632 of 632");
}

#[tokio::test]
async fn a_new_object_is_never_sent_twice() {
    let busy = || Reply::json(StatusCode::SERVICE_UNAVAILABLE, "{}");
    let (client, recording) = recorded([busy()]);
    let error = client.storage().from("a").upload("x", "y").await.unwrap_err();
    assert_eq!((error.kind(), recording.sent().len()), (ErrorKind::Unavailable, 1));
    // What replaces can be repeated.
    let (client, recording) = recorded([busy()]);
    client.storage().from("a").upload("x", "y").upsert(true).await.unwrap_err();
    assert_eq!(recording.sent().len(), 3);
    assert_eq!(recording.sent()[2].headers["x-retry-count"], "2");
    // In chunks: without its bytes the creation makes no object, and may be repeated.
    let (client, recording) = recorded([busy()]);
    client.storage().from("a").upload("x", "y").resumable(Resumable::Always).await.unwrap_err();
    assert_eq!(recording.sent().len(), 6);
    assert!(recording.sent().iter().all(|sent| sent.body.is_empty()));
}

#[tokio::test]
async fn refused_keys_send_nothing() {
    let (client, recording) = recorded([]);
    let bucket = client.storage().from("a");
    let key = "a#b";
    let mut errors = vec![
        bucket.upload(key, "").await.unwrap_err(),
        bucket.update(key, "").await.unwrap_err(),
        bucket.download(key).await.unwrap_err(),
        bucket.info(key).await.unwrap_err(),
        bucket.exists(key).await.unwrap_err(),
        bucket.remove([key]).await.unwrap_err(),
        bucket.create_signed_url(key, MINUTE).await.unwrap_err(),
        bucket.create_signed_urls([key], MINUTE).await.unwrap_err(),
        bucket.create_signed_upload_url(key).await.unwrap_err(),
        bucket.upload_to_signed_url(key, "t", "").await.unwrap_err(),
        bucket.get_public_url(key).to_url().unwrap_err(),
        bucket.purge_cache(key).await.unwrap_err(),
    ];
    errors.push(bucket.move_to("a", key).await.unwrap_err());
    errors.push(bucket.copy(key, "a").await.unwrap_err());
    for error in errors {
        assert_eq!(error.kind(), ErrorKind::Refused);
        assert!(error.to_string().contains("`#`"), "{error}");
    }
    assert!(recording.sent().is_empty());
}

#[tokio::test]
async fn pages_follow_the_cursor() {
    use futures_util::TryStreamExt;
    let page = |name: &str, next: Value| {
        Reply::json(
            StatusCode::OK,
            json!({"hasNext": !next.is_null(), "nextCursor": next, "folders": [], "objects": [{"name": name}]})
                .to_string(),
        )
    };
    let (client, recording) = recorded([page("a", json!("one")), page("b", json!("two")), page("c", Value::Null)]);
    let names: Vec<String> = client
        .storage()
        .from("x")
        .list_v2()
        .prefix("p")
        .limit(1)
        .stream()
        .map_ok(|object| object.name)
        .try_collect()
        .await
        .unwrap();
    assert_eq!(names, ["a", "b", "c"]);
    let cursors: Vec<Value> = recording
        .sent()
        .iter()
        .map(|sent| serde_json::from_slice::<Value>(&sent.body).unwrap()["cursor"].clone())
        .collect();
    assert_eq!(cursors, [Value::Null, json!("one"), json!("two")]);
}
