//! Keys: every one that the server takes works in every call, every other is refused before it is sent, and the bytes
//! of a request are those of its key.

use std::sync::OnceLock;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use futures_util::TryStreamExt;
use proptest::prelude::{ProptestConfig, Strategy, prop, proptest};
use supabase_core::storage::{Bucket, RemoveItem, Resumable};
use supabase_core::transport::{Recording, Reply, RetryPolicy};
use supabase_core::{Client, Error, ErrorKind};

use crate::common::{MINUTE, Server, fetch, server};

/// Keys that the server takes. The local stack, like the recorded one, takes no segment of dots.
fn key() -> impl Strategy<Value = String> {
    prop::string::string_regex("[A-Za-z0-9_!.*'() &$@=;:+,?-]{1,12}(/[A-Za-z0-9_!.*'() &$@=;:+,?-]{1,8}){0,2}/?")
        .unwrap()
        .prop_filter("no dots alone", |key| key.split('/').all(|segment| !matches!(segment, "." | "..")))
}

/// A runtime and two buckets for all cases.
fn stage() -> &'static (tokio::runtime::Runtime, Server, Client) {
    static STAGE: OnceLock<(tokio::runtime::Runtime, Server, Client)> = OnceLock::new();
    STAGE.get_or_init(|| {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let (database, client) = runtime.block_on(server());
        for bucket in ["p", "q"] {
            runtime.block_on(async { client.storage().create_bucket(bucket).public(true).await }).unwrap();
        }
        (runtime, database, client)
    })
}

async fn lives(client: &Client, key: &str, other: &str) {
    let bucket = client.storage().from("p");
    let content = key.as_bytes().to_vec();
    let uploaded = bucket.upload(key, content.clone()).await.unwrap();
    assert_eq!(uploaded.full_path, format!("p/{key}"));
    // Lists: by folder, and by prefix.
    let (folder, name) = match key.trim_end_matches('/').rsplit_once('/') {
        Some((folder, name)) => (folder, name),
        None => ("", key.trim_end_matches('/')),
    };
    let listed = bucket.list(folder).limit(1000).await.unwrap();
    assert!(listed.iter().any(|entry| entry.name() == name), "{key:?} is not in {listed:?}");
    assert_eq!(bucket.list_v2().prefix(key).await.unwrap().objects[0].name, key);
    let all: Vec<_> = bucket.list_v2().limit(1).stream().try_collect().await.unwrap();
    assert_eq!(all.len(), 1);
    assert_eq!(bucket.info(key).await.unwrap().name, key);
    assert!(bucket.exists(key).await.unwrap());
    // URLs, as somebody without a key fetches them.
    let signed = bucket.create_signed_url(key, MINUTE).download_as("x y.txt").await.unwrap();
    assert_eq!(fetch(&signed).await, (200, content.clone()), "{signed}");
    let batch = bucket.create_signed_urls([key, "missing"], MINUTE).await.unwrap();
    assert_eq!(fetch(batch[0].url.as_ref().unwrap()).await, (200, content.clone()));
    assert!(batch[1].url.is_none());
    assert_eq!(fetch(&bucket.get_public_url(key).to_url().unwrap()).await, (200, content.clone()));
    assert_eq!(bucket.download(key).await.unwrap(), content);
    // Elsewhere and back, in this bucket and through another.
    bucket.copy(key, other).await.unwrap();
    assert_eq!(bucket.remove([key]).await.unwrap()[0].name, key);
    bucket.move_to(other, key).await.unwrap();
    bucket.move_to(key, other).into_bucket("q").await.unwrap();
    assert_eq!(client.storage().from("q").download(other).await.unwrap(), content);
    client.storage().from("q").copy(other, key).into_bucket("p").await.unwrap();
    client.storage().from("q").remove([other]).await.unwrap();
    // Written again: in place, in chunks, by a token, and by a token in chunks.
    bucket.update(key, "updated").await.unwrap();
    bucket.upload(key, "in chunks").resumable(Resumable::Always).upsert(true).chunk_size(4).await.unwrap();
    assert_eq!(bucket.download(key).await.unwrap(), "in chunks");
    let signed = bucket.create_signed_upload_url(key).upsert(true).await.unwrap();
    bucket.upload_to_signed_url(key, &signed.token, "by token").await.unwrap();
    assert_eq!(bucket.download(key).await.unwrap(), "by token");
    let upload = bucket.upload_to_signed_url(key, signed.token, "by token, in chunks");
    upload.resumable(Resumable::Always).chunk_size(7).await.unwrap();
    assert_eq!(bucket.download(key).await.unwrap(), "by token, in chunks");
    assert_eq!(bucket.remove([key]).await.unwrap()[0].name, key);
    assert!(!bucket.exists(key).await.unwrap());
}

/// What every call says of a key; none of them may have sent anything.
async fn refusals(bucket: &Bucket, key: &str) -> Vec<(&'static str, Error)> {
    let version = RemoveItem::Version { path: key.to_owned(), version_id: "v".to_owned() };
    vec![
        ("upload", bucket.upload(key, "x").await.unwrap_err()),
        ("upload in chunks", bucket.upload(key, "x").resumable(Resumable::Always).await.unwrap_err()),
        ("upload as a form", bucket.upload(key, "x").multipart(true).await.unwrap_err()),
        ("update", bucket.update(key, "x").await.unwrap_err()),
        ("download", bucket.download(key).await.unwrap_err()),
        ("info", bucket.info(key).await.unwrap_err()),
        ("exists", bucket.exists(key).await.unwrap_err()),
        ("remove", bucket.remove(["fine", key]).await.unwrap_err()),
        ("remove a version", bucket.remove([version]).await.unwrap_err()),
        ("sign", bucket.create_signed_url(key, MINUTE).await.unwrap_err()),
        ("sign several", bucket.create_signed_urls(["fine", key], MINUTE).await.unwrap_err()),
        ("sign an upload", bucket.create_signed_upload_url(key).await.unwrap_err()),
        ("upload by token", bucket.upload_to_signed_url(key, "t", "x").await.unwrap_err()),
        ("public URL", bucket.get_public_url(key).to_url().unwrap_err()),
        ("move from", bucket.move_to(key, "fine").await.unwrap_err()),
        ("move to", bucket.move_to("fine", key).await.unwrap_err()),
        ("copy from", bucket.copy(key, "fine").await.unwrap_err()),
        ("copy to", bucket.copy("fine", key).into_bucket("other").await.unwrap_err()),
        ("purge", bucket.purge_cache(key).await.unwrap_err()),
    ]
}

fn recorded() -> (Bucket, Recording) {
    let recording = Recording::new([Reply::json(http::StatusCode::OK, "{}")]);
    let client = Client::builder("https://example.supabase.co", "key").transport(recording.clone());
    (client.retry(RetryPolicy::none()).build().unwrap().storage().from("b"), recording)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, max_shrink_iters: 20, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_key_works_in_every_call(key in key(), other in key()) {
        let (runtime, _, client) = stage();
        runtime.block_on(lives(client, &key, &format!("other {other}")));
    }

    #[test]
    fn a_refused_character_is_named_by_every_call(
        before in "[a-z/ +]{0,5}",
        bad in "[^A-Za-z0-9_/!.*'() &$@=;:+,?-]",
        after in "[a-z/]{0,5}",
    ) {
        let (bucket, recording) = recorded();
        let key = format!("{before}{bad}{after}");
        let character = bad.chars().next().unwrap();
        let names = [format!("`{character}`"), format!("U+{:04X}", u32::from(character))];
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        for (call, error) in runtime.block_on(refusals(&bucket, &key)) {
            let text = error.to_string();
            assert_eq!(error.kind(), ErrorKind::Refused, "{call}: {text}");
            assert!(names.iter().any(|name| text.contains(name)), "{call}: {text}");
        }
        assert!(recording.sent().is_empty());
    }
}

/// Written as the path of a URL, dots and slashes would be taken for a way up by every parser on the way.
#[tokio::test]
async fn the_bytes_of_a_path_are_those_of_the_key() {
    let server = supabase_tests::server::Server::start(|mut exchange| async move {
        let head = exchange.head.clone();
        let target = head.split(' ').nth(1).unwrap_or_default().to_owned();
        // The target comes back as the body of an error, to the byte.
        let body = serde_json::json!({ "statusCode": "418", "error": "heard", "code": "heard", "message": target })
            .to_string();
        let head = format!("HTTP/1.1 400 Bad Request\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", body.len());
        exchange.say(head).await?;
        exchange.say(body).await
    });
    let server = server.await.unwrap();
    let bucket = Client::builder(&server.url, "key").retry(RetryPolicy::none()).build().unwrap().storage().from("b");
    let heard = |error: Error| error.storage().unwrap().message.clone();
    for (key, expected) in [
        ("a/../b", "a%2F../b"),
        ("../b", "..%2Fb"),
        ("a/..", "a%2F.."),
        ("a/./b", "a%2F./b"),
        ("..//./x y", "..%2F%2F./x%20y"),
        ("//lead//trail/", "//lead//trail/"),
        ("a+b&c$d@e=f;g:h,i?j'(k)!*.-_", "a+b&c$d@e=f;g:h,i%3Fj'(k)!*.-_"),
    ] {
        let targets = [
            ("/object/b/", heard(bucket.download(key).await.unwrap_err())),
            ("/object/b/", heard(bucket.upload(key, "x").await.unwrap_err())),
            ("/object/b/", heard(bucket.update(key, "x").await.unwrap_err())),
            ("/object/info/b/", heard(bucket.info(key).await.unwrap_err())),
            ("/object/info/b/", heard(bucket.exists(key).await.unwrap_err())),
            ("/object/upload/sign/b/", heard(bucket.create_signed_upload_url(key).await.unwrap_err())),
            ("/object/upload/sign/b/", heard(bucket.upload_to_signed_url(key, "t", "x").await.unwrap_err())),
            ("/cdn/b/", heard(bucket.purge_cache(key).await.unwrap_err())),
            ("/object/public/b/", bucket.get_public_url(key).to_url().unwrap().replace(&server.url, "")),
        ];
        for (prefix, target) in targets {
            let path = target.split(['?']).next().unwrap();
            assert_eq!(path, format!("/storage/v1{prefix}{expected}"));
            // Nothing on the way can take it for another path.
            let parsed = url::Url::parse(&format!("{}{path}", server.url)).unwrap();
            assert_eq!(parsed.path(), path);
        }
    }
    // Escapes of dots are no dots: the percent sign is refused, and nothing is sent.
    let before = server.opened();
    for key in ["a/%2e%2e/b", "%2E%2E/b", "a%2fb"] {
        for (call, error) in refusals(&bucket, key).await {
            assert!(error.kind() == ErrorKind::Refused && error.to_string().contains("`%`"), "{call}: {error}");
        }
    }
    assert_eq!(server.opened(), before);
}

/// A resumable upload says its key in a header, where it needs no encoding but base64.
#[tokio::test]
async fn the_key_of_a_resumable_upload_travels_as_it_is() {
    for key in ["a/../b", "x y+z?&=;:,'()!*$@.-_", "//lead//trail/"] {
        let (bucket, recording) = recorded();
        bucket.upload(key, "x").resumable(Resumable::Always).await.unwrap_err();
        let sent = recording.sent();
        let metadata = sent[0].headers["upload-metadata"].to_str().unwrap();
        assert!(metadata.contains(&format!("objectName {}", STANDARD.encode(key))), "{metadata}");
    }
}
