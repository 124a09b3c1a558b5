//! Uploads whose body is not what was announced, or not what was begun: nothing wrong is ever stored.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

use std::sync::{Arc, Mutex};

use bytes::Bytes;
use serde_json::{Value, json};
use supabase_core::storage::{Bucket, Resumable, Upload, UploadBody, UploadState};
use supabase_core::{Client, ErrorKind};
use supabase_local::{Database, SharedStack, Stack};
use supabase_tests::stack::service;

const CHUNK: usize = 256 * 1024;

static STACK: SharedStack = SharedStack::new(Stack::builder);

/// A database of this test's own with a bucket `b`.
async fn database() -> (Database, Client) {
    let database = STACK.get().await.unwrap().database().await.unwrap();
    let client = service(&database).unwrap();
    client.storage().create_bucket("b").await.unwrap();
    (database, client)
}

fn pattern(length: usize) -> Vec<u8> {
    (0..length).map(|at| ((at * 131 + (at >> 8) * 17 + (at >> 16)) % 256) as u8).collect()
}

fn parts(content: &[u8]) -> Vec<std::io::Result<Bytes>> {
    content.chunks(50_000).map(|part| Ok(Bytes::copy_from_slice(part))).collect()
}

fn stream(content: &[u8]) -> UploadBody {
    UploadBody::stream(futures_util::stream::iter(parts(content)))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_longer_than_announced_is_not_stored() {
    let (_database, client) = database().await;
    let bucket = client.storage().from("b");
    bucket.upload("good", "good").await.unwrap();
    // At the end of a chunk, in the middle of one, and with nothing announced at all.
    for length in [0, CHUNK, 2 * CHUNK, 2 * CHUNK + 10] {
        for more in [1, CHUNK] {
            for way in [Resumable::Always, Resumable::Never] {
                let name = format!("{length} and {more}, {way:?}");
                let body = || stream(&pattern(length + more)).with_length(length as u64);
                let error = bucket.upload("new", body()).resumable(way).chunk_size(CHUNK).await.unwrap_err();
                assert_eq!(error.kind(), ErrorKind::Io, "{name}: {error}");
                assert!(error.to_string().contains(&format!("announced with {length} bytes")), "{name}: {error}");
                assert!(!bucket.exists("new").await.unwrap(), "{name}: stored, cut off");
                bucket.upload("good", body()).resumable(way).chunk_size(CHUNK).upsert(true).await.unwrap_err();
                assert_eq!(bucket.download("good").await.unwrap(), "good", "{name}: replaced");
            }
        }
    }
    // In one request that is written while the body is read, which bodies of this length are.
    let body = stream(&pattern(6 * 1024 * 1024 + 1)).with_length(6 * 1024 * 1024);
    let error = bucket.upload("new", body).resumable(Resumable::Never).await.unwrap_err();
    assert!(error.to_string().contains("announced with 6291456 bytes and has at least 6291457"), "{error}");
    assert!(!bucket.exists("new").await.unwrap());
    // The truth is stored.
    for way in [Resumable::Always, Resumable::Never] {
        let content = pattern(2 * CHUNK);
        let body = stream(&content).with_length(content.len() as u64);
        bucket.upload("good", body).resumable(way).chunk_size(CHUNK).upsert(true).await.unwrap();
        assert_eq!(bucket.download("good").await.unwrap(), content);
    }
}

/// Sends so many chunks of a content until its reading fails, and gives the last state.
async fn interrupted(content: &[u8], chunks: usize, upload: impl FnOnce(UploadBody) -> Upload) -> UploadState {
    let mut parts = parts(&content[..chunks * CHUNK + 1]);
    parts.push(Err(std::io::Error::other("unplugged")));
    let body = UploadBody::stream(futures_util::stream::iter(parts)).with_length(content.len() as u64);
    let kept = Arc::new(Mutex::new(None));
    let keep = Arc::clone(&kept);
    let error = upload(body)
        .resumable(Resumable::Always)
        .chunk_size(CHUNK)
        .on_state(move |state| *keep.lock().unwrap() = Some(state.clone()))
        .await
        .unwrap_err();
    assert!(error.to_string().contains("unplugged"), "{error}");
    let state = kept.lock().unwrap().take().unwrap();
    assert_eq!(state.offset, (chunks * CHUNK) as u64);
    state
}

async fn refused(bucket: &Bucket, state: &UploadState, body: UploadBody, name: &str) {
    let error = bucket.resume_upload(state.clone(), body).chunk_size(CHUNK).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Refused, "{name}: {error}");
    assert!(error.to_string().contains("another body"), "{name}: {error}");
    assert!(!bucket.exists("x").await.unwrap(), "{name}: stored");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_server_lost_is_compared_as_well() {
    let (_database, client) = database().await;
    let bucket = client.storage().from("b");
    let content = pattern(4 * CHUNK);
    let folder = std::env::temp_dir().join(format!("supabase-tests-resume-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let path = folder.join("content");
    // A state of three chunks, of an upload of which the server has one.
    let behind = interrupted(&content, 1, |body| bucket.upload("x", body)).await;
    let ahead = interrupted(&content, 3, |body| bucket.upload("x", body)).await;
    let mut lost = ahead.clone();
    lost.url.clone_from(&behind.url);
    // Other bytes in what the server has, and in what it lost; then a body that ends too early.
    for at in [5, CHUNK + 5, 3 * CHUNK - 1] {
        let mut other = content.clone();
        other[at] ^= 1;
        std::fs::write(&path, &other).unwrap();
        refused(&bucket, &lost, other.clone().into(), &format!("bytes, {at}")).await;
        refused(&bucket, &lost, path.as_path().into(), &format!("a file, {at}")).await;
        // Where the server has everything that the state says.
        refused(&bucket, &ahead, other.clone().into(), &format!("bytes, nothing lost, {at}")).await;
        refused(&bucket, &ahead, stream(&other), &format!("a stream, nothing lost, {at}")).await;
    }
    refused(&bucket, &lost, stream(&content[..2 * CHUNK]), "a stream that is short").await;
    let mut other = content.clone();
    other[3 * CHUNK - 1] ^= 1;
    refused(&bucket, &lost, stream(&other), "a stream").await;
    // The same body goes on, from wherever the server is: a stream, then a file.
    bucket.resume_upload(lost.clone(), stream(&content)).chunk_size(CHUNK).await.unwrap();
    assert_eq!(bucket.download("x").await.unwrap(), content);
    bucket.remove(["x"]).await.unwrap();
    std::fs::write(&path, &content).unwrap();
    let behind = interrupted(&content, 1, |body| bucket.upload("x", body)).await;
    lost.url.clone_from(&behind.url);
    let told = Arc::new(Mutex::new(Vec::new()));
    let keep = Arc::clone(&told);
    bucket
        .resume_upload(lost, path.as_path())
        .chunk_size(CHUNK)
        .on_state(move |state| keep.lock().unwrap().push((state.offset, state.sha256.clone())))
        .await
        .unwrap();
    assert_eq!(bucket.download("x").await.unwrap(), content);
    // While it is sent again nothing is told: the first state is where the kept one was.
    assert_eq!(*told.lock().unwrap(), [(ahead.offset, ahead.sha256)]);
    std::fs::remove_dir_all(&folder).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_state_of_a_signed_upload_says_so() {
    let (_database, client) = database().await;
    let bucket = client.storage().from("b");
    let content = pattern(3 * CHUNK);
    let signed = bucket.create_signed_upload_url("s").await.unwrap();
    let nobody = Client::new(client.url(), "no key").unwrap();
    let theirs = nobody.storage().from("b");
    let state = interrupted(&content, 2, |body| theirs.upload_to_signed_url("s", &signed.token, body)).await;
    let json: Value = serde_json::to_value(&state).unwrap();
    assert_eq!(json["signed"], json!(true));
    assert!(!json.to_string().contains(&signed.token));
    // Without the token it is no use asking; with it it goes on.
    let error = theirs.resume_upload(state.clone(), content.clone()).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Refused);
    assert!(error.to_string().contains("resume_signed_upload"), "{error}");
    let error = theirs.abort_upload(&state).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Refused);
    assert!(error.to_string().contains("abort_signed_upload"), "{error}");
    theirs.resume_signed_upload(state, &signed.token, content.clone()).await.unwrap();
    assert_eq!(bucket.download("s").await.unwrap(), content);
    // Others are given up with it; a state that was kept before states said so is one of either kind.
    let signed = bucket.create_signed_upload_url("t").await.unwrap();
    let state = interrupted(&content, 1, |body| theirs.upload_to_signed_url("t", &signed.token, body)).await;
    let mut json = serde_json::to_value(&state).unwrap();
    json.as_object_mut().unwrap().remove("signed");
    let old: UploadState = serde_json::from_value(json).unwrap();
    assert!(!old.signed);
    theirs.abort_signed_upload(&old, &signed.token).await.unwrap();
    let error = theirs.resume_signed_upload(state, &signed.token, content).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound, "{error}");
}
