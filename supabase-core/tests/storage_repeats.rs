//! What storage sends again after a failure, and what it says of an upload meanwhile.

#![cfg(feature = "storage")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may fail by panicking")]

use std::sync::{Arc, Mutex};

use http::{Method, StatusCode};
use sha2::{Digest as _, Sha256};
use supabase_core::storage::{Resumable, TableName, UploadState};
use supabase_core::transport::{Recording, Reply, RetryPolicy};
use supabase_core::{Client, ErrorKind};

/// Repeats at once.
fn policy() -> RetryPolicy {
    RetryPolicy::default().sleep(Arc::new(|_| Box::pin(async {})))
}

fn recorded(replies: impl IntoIterator<Item = Reply>) -> (Client, Recording) {
    let recording = Recording::new(replies);
    let builder = Client::builder("https://example.supabase.co", "key").retry(policy());
    (builder.transport(recording.clone()).build().unwrap(), recording)
}

fn busy() -> Reply {
    Reply::json(StatusCode::SERVICE_UNAVAILABLE, "{}")
}

/// Each call against a server that is busy: sent once, and by a policy of its own three times.
macro_rules! removals {
    ($storage:ident: $($call:expr,)+) => {$({
        let (client, recording) = recorded([busy()]);
        let $storage = client.storage();
        assert_eq!($call.await.unwrap_err().kind(), ErrorKind::Unavailable);
        assert_eq!(recording.sent().len(), 1, stringify!($call));
        $call.retry(policy()).await.unwrap_err();
        assert_eq!(recording.sent().len(), 4, stringify!($call));
    })+};
}

#[tokio::test]
async fn what_removes_is_sent_once() {
    let table = TableName::new(["a"], "t");
    let state: UploadState = serde_json::from_str(
        r#"{"bucket":"a","key":"x","url":"https://h/upload/resumable/id","length":1,"offset":0,"sha256":"","upsert":false}"#,
    )
    .unwrap();
    removals! { storage:
        storage.from("a").remove(["x"]),
        storage.from("a").abort_upload(&state),
        storage.from("a").abort_signed_upload(&state, "token"),
        storage.delete_bucket("a"),
        storage.empty_bucket("a"),
        storage.delete_bucket_lifecycle("a"),
        storage.analytics().delete_bucket("a"),
        storage.analytics().from("a").drop_namespace(["n"]),
        storage.analytics().from("a").drop_table(&table, true),
        storage.vectors().delete_bucket("a"),
        storage.vectors().from("a").delete_index("i"),
        storage.vectors().from("a").index("i").delete(["k"]),
    }
    // What changes nothing is repeated by itself, and so is what only has to be fetched again.
    let (client, recording) = recorded([busy()]);
    client.storage().get_bucket("a").await.unwrap_err();
    client.storage().purge_bucket_cache("a").await.unwrap_err();
    client.storage().from("a").purge_cache("x").await.unwrap_err();
    assert_eq!(recording.sent().len(), 9);
}

/// The first request did remove, and its answer was lost: that nothing is left is not told as its answer.
#[tokio::test]
async fn a_lost_answer_is_an_error() {
    let (client, recording) = recorded([Reply::failure(ErrorKind::Offline), Reply::json(StatusCode::OK, "[]")]);
    let error = client.storage().from("a").remove(["x"]).await.unwrap_err();
    assert_eq!((error.kind(), recording.sent().len()), (ErrorKind::Offline, 1));
    let gone = r#"{"statusCode":"404","error":"Bucket not found","message":"Bucket not found"}"#;
    let gone = Reply::json(StatusCode::BAD_REQUEST, gone);
    let (client, recording) = recorded([busy(), gone]);
    assert_eq!(client.storage().delete_bucket("a").await.unwrap_err().kind(), ErrorKind::Unavailable);
    assert_eq!(recording.sent().len(), 1);
}

fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A server that loses four bytes which it had confirmed: they are sent again, and every state that is told on the
/// way is one that can be gone on from.
#[tokio::test]
async fn states_are_true_while_bytes_are_sent_again() {
    const CONTENT: &[u8] = b"0123456789abcdef";
    let at = |offset: &str| Reply::empty(StatusCode::NO_CONTENT).header("upload-offset", offset);
    let (client, recording) = recorded([
        Reply::empty(StatusCode::CREATED)
            .header("location", "https://h/upload/resumable/id")
            .header("upload-offset", "4"),
        at("8"),
        Reply::failure(ErrorKind::Offline),
        Reply::empty(StatusCode::OK).header("upload-offset", "4").header("upload-length", "16"),
        at("8"),
        at("12"),
        at("16"),
    ]);
    let told = Arc::new(Mutex::new(Vec::new()));
    let keep = Arc::clone(&told);
    let uploaded = client
        .storage()
        .from("a")
        .upload("x", CONTENT)
        .resumable(Resumable::Always)
        .chunk_size(4)
        .on_state(move |state| keep.lock().unwrap().push(state.clone()))
        .await
        .unwrap();
    assert_eq!((uploaded.size, uploaded.sha256), (16, sha256(CONTENT)));
    let sent = recording.sent();
    let chunks: Vec<&[u8]> =
        sent.iter().filter(|sent| sent.method == Method::PATCH).map(|sent| sent.body.as_ref()).collect();
    assert_eq!(chunks, [b"4567", b"89ab", b"4567", b"89ab", b"cdef"]);
    let told = told.lock().unwrap();
    for state in told.iter() {
        let known = &CONTENT[..usize::try_from(state.offset).unwrap()];
        assert_eq!(state.sha256, sha256(known), "the state at {}", state.offset);
        assert!(!state.signed);
    }
    assert_eq!(told.iter().map(|state| state.offset).collect::<Vec<_>>(), [0, 4, 8, 12]);
}
