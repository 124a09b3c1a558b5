//! Storage as an application meets it, against the local stack: what was stored comes back, whoever
//! may not does not, and what breaks goes on.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use futures_util::{StreamExt, TryStreamExt};
use proptest::prelude::{ProptestConfig, Strategy, prop, proptest};
use serde_json::json;
use supabase_core::storage::{Entry, Resumable, UploadBody, UploadState};
use supabase_core::transport::RetryPolicy;
use supabase_core::{Client, ErrorKind};
use supabase_local::{Database, SharedStack, Stack};
use supabase_tests::stack::{anon, service};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

const MINUTE: Duration = Duration::from_secs(60);
const MIB: usize = 1024 * 1024;

/// Signed-in users own the folder of their id, in every bucket.
static STACK: SharedStack = SharedStack::new(|| {
    Stack::builder().sql(
        "create policy own on storage.objects for all to authenticated
           using ((storage.foldername(name))[1] = auth.uid()::text)
           with check ((storage.foldername(name))[1] = auth.uid()::text)",
    )
});

/// A database of this test's own with a bucket `b`.
async fn database() -> (Database, Client) {
    let database = STACK.get().await.unwrap().database().await.unwrap();
    database.set_storage_size_limit(4 << 30);
    let client = service(&database).unwrap();
    client.storage().create_bucket("b").await.unwrap();
    (database, client)
}

fn pattern(length: usize) -> Vec<u8> {
    (0..length).map(|at| ((at * 131 + (at >> 8) * 17 + (at >> 16)) % 256) as u8).collect()
}

/// Fetches a URL as somebody without any key.
async fn fetch(url: &str) -> (u16, Vec<u8>) {
    let rest = url.strip_prefix("http://").unwrap();
    let (host, target) = rest.split_once('/').unwrap();
    let mut stream = tokio::net::TcpStream::connect(host).await.unwrap();
    stream
        .write_all(format!("GET /{target} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n").as_bytes())
        .await
        .unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    let at = answer.windows(4).position(|window| window == b"\r\n\r\n").unwrap();
    let status = std::str::from_utf8(&answer[9..12]).unwrap().parse().unwrap();
    (status, answer[at + 4..].to_vec())
}

#[tokio::test(flavor = "multi_thread")]
async fn an_object_lives() {
    let (_database, client) = database().await;
    let bucket = client.storage().from("b");
    let uploaded =
        bucket.upload("a/x.txt", "hello").metadata(&json!({"from": "test"})).cache_control(60).await.unwrap();
    assert_eq!((uploaded.full_path.as_str(), uploaded.size, uploaded.resumable), ("b/a/x.txt", 5, false));
    let conflict = bucket.upload("a/x.txt", "other").await.unwrap_err();
    assert_eq!((conflict.kind(), conflict.code()), (ErrorKind::Conflict, Some("KeyAlreadyExists")));
    let info = bucket.info("a/x.txt").await.unwrap();
    assert_eq!((info.size, info.content_type.as_deref()), (Some(5), Some("text/plain")));
    assert_eq!(info.metadata, Some(json!({"from": "test"})));
    assert_eq!((info.id, info.cache_control.as_deref()), (uploaded.id, Some("max-age=60")));
    assert!(bucket.exists("a/x.txt").await.unwrap());
    assert!(!bucket.exists("a/y.txt").await.unwrap());
    assert_eq!(client.storage().from("nope").exists("x").await.unwrap_err().kind(), ErrorKind::NotFound);

    assert_eq!(bucket.download("a/x.txt").await.unwrap(), "hello");
    assert_eq!(bucket.download("a/x.txt").range(1..3).await.unwrap(), "el");
    assert_eq!(bucket.download("a/x.txt").last_bytes(2).await.unwrap(), "lo");
    assert_eq!(bucket.download("a/x.txt").range(9..).await.unwrap_err().kind(), ErrorKind::InvalidInput);
    let etag = info.etag.unwrap();
    assert_eq!(bucket.download("a/x.txt").if_none_match(&etag).await.unwrap(), None);
    assert_eq!(bucket.download("a/x.txt").if_none_match("\"other\"").await.unwrap().unwrap(), "hello");

    bucket.update("a/x.txt", "newer").await.unwrap();
    assert_eq!(bucket.info("a/x.txt").await.unwrap().id, uploaded.id);
    bucket.copy("a/x.txt", "c.txt").await.unwrap();
    client.storage().create_bucket("other").public(true).await.unwrap();
    bucket.copy("a/x.txt", "c.txt").into_bucket("other").await.unwrap();
    bucket.move_to("a/x.txt", "m.txt").await.unwrap();
    let names: Vec<String> = bucket.list("").await.unwrap().iter().map(|entry| entry.name().to_owned()).collect();
    assert_eq!(names, ["c.txt", "m.txt"]);
    let url = client.storage().from("other").get_public_url("c.txt").to_url().unwrap();
    assert_eq!(fetch(&url).await, (200, b"newer".to_vec()));

    let signed = bucket.create_signed_upload_url("s.txt").await.unwrap();
    let nobody = Client::new(client.url(), "no key at all").unwrap();
    nobody.storage().from("b").upload_to_signed_url("s.txt", signed.token, "by token").await.unwrap();
    assert_eq!(bucket.download("s.txt").await.unwrap(), "by token");

    let removed = bucket.remove(["c.txt", "m.txt", "s.txt", "never.txt"]).await.unwrap();
    assert_eq!(removed.len(), 3);
    client.storage().update_bucket("b").file_size_limit("1kb").allowed_mime_types(["text/*"]).await.unwrap();
    let large = bucket.upload("l.txt", vec![b'x'; 1001]).await.unwrap_err();
    assert_eq!((large.kind(), large.code()), (ErrorKind::InvalidInput, Some("EntityTooLarge")));
    assert_eq!(bucket.upload("l.png", "x").await.unwrap_err().code(), Some("InvalidMimeType"));
    // A body of unknown length is limited as well.
    let endless =
        futures_util::stream::repeat_with(|| Ok::<_, std::io::Error>(Bytes::from_static(b"xxxxxxxx"))).take(1000);
    assert!(bucket.upload("l.txt", UploadBody::stream(endless)).resumable(Resumable::Never).await.is_err());
    client.storage().empty_bucket("b").await.unwrap();
    client.storage().delete_bucket("b").await.unwrap();
    assert_eq!(client.storage().get_bucket("b").await.unwrap_err().kind(), ErrorKind::NotFound);
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_are_secured() {
    let (database, client) = database().await;
    let alice = "11111111-1111-4111-8111-111111111111";
    let user = anon(&database).unwrap().as_user(&database.jwt_for(alice, "authenticated"));
    let own = format!("{alice}/x.txt");
    user.storage().from("b").upload(&own, "mine").await.unwrap();
    let refused = user.storage().from("b").upload("bob/x.txt", "his").await.unwrap_err();
    assert_eq!((refused.kind(), refused.code()), (ErrorKind::PermissionDenied, Some("AccessDenied")));
    let chunked = user.storage().from("b").upload("bob/x.txt", "his").resumable(Resumable::Always).await.unwrap_err();
    assert_eq!(chunked.kind(), ErrorKind::PermissionDenied);
    client.storage().from("b").upload("bob/x.txt", "his").await.unwrap();
    assert_eq!(user.storage().from("b").download("bob/x.txt").await.unwrap_err().kind(), ErrorKind::NotFound);
    assert_eq!(user.storage().from("b").download(&own).await.unwrap(), "mine");
    assert_eq!(anon(&database).unwrap().storage().from("b").list("").await.unwrap(), []);
    let forged = anon(&database).unwrap().as_user("not-a-token");
    assert_eq!(forged.storage().list_buckets().await.unwrap_err().kind(), ErrorKind::Unauthenticated);
}

#[tokio::test(flavor = "multi_thread")]
async fn every_size_comes_back_either_way() {
    let (_database, client) = database().await;
    let bucket = client.storage().from("b");
    let folder = std::env::temp_dir().join(format!("supabase-tests-sizes-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let chunk = 6 * MIB;
    for size in [0, 1, 65_536, chunk - 1, chunk, chunk + 1, 2 * chunk, 2 * chunk + 7, 50 * MIB] {
        let content = pattern(size);
        let path = folder.join("content");
        std::fs::write(&path, &content).unwrap();
        for way in [Resumable::Auto, Resumable::Always, Resumable::Never] {
            let stream = futures_util::stream::iter(
                content
                    .chunks(100_000)
                    .map(|part| Ok::<_, std::io::Error>(Bytes::copy_from_slice(part)))
                    .collect::<Vec<_>>(),
            );
            let bodies = [
                ("bytes", UploadBody::from(content.clone())),
                ("file", UploadBody::from(path.as_path())),
                ("stream", UploadBody::stream(stream)),
            ];
            for (kind, body) in bodies {
                let key = format!("{size}-{way:?}-{kind}");
                let last = Arc::new(AtomicU64::new(u64::MAX));
                let told = last.clone();
                let uploaded = bucket
                    .upload(&key, body)
                    .resumable(way)
                    .on_progress(move |progress| told.store(progress.sent, Ordering::Relaxed))
                    .await;
                let uploaded = uploaded.unwrap_or_else(|error| panic!("{key}: {error}"));
                assert_eq!((uploaded.size, last.load(Ordering::Relaxed)), (size as u64, size as u64), "{key}");
                let back = bucket.download(&key).await.unwrap();
                assert!(back == content, "{key}: {} bytes came back", back.len());
                bucket.remove([key]).await.unwrap();
            }
        }
    }
    bucket.upload("f", path_of(&folder)).await.unwrap();
    let target = folder.join("target");
    assert_eq!(bucket.download("f").to_file(&target).await.unwrap(), 50 * MIB as u64);
    assert!(std::fs::read(&target).unwrap() == pattern(50 * MIB));
    std::fs::remove_dir_all(&folder).unwrap();
}

fn path_of(folder: &std::path::Path) -> std::path::PathBuf {
    folder.join("content")
}

/// Between client and stack: breaks connections after so many bytes.
struct Breaker {
    url: String,
    /// Bytes that may still pass, from client to server and back; `usize::MAX` breaks nothing.
    up: Arc<AtomicUsize>,
    down: Arc<AtomicUsize>,
}

impl Breaker {
    async fn before(database: &Database) -> Self {
        let host = database.url().strip_prefix("http://").unwrap().to_owned();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let (up, down) = (Arc::new(AtomicUsize::new(usize::MAX)), Arc::new(AtomicUsize::new(usize::MAX)));
        let this = Self { url, up: up.clone(), down: down.clone() };
        tokio::spawn(async move {
            loop {
                let (client, _) = listener.accept().await.unwrap();
                let server = tokio::net::TcpStream::connect(&host).await.unwrap();
                let (up, down) = (up.clone(), down.clone());
                tokio::spawn(async move {
                    let (from_client, to_client) = client.into_split();
                    let (from_server, to_server) = server.into_split();
                    tokio::select! {
                        () = pass(from_client, to_server, &up) => {}
                        () = pass(from_server, to_client, &down) => {}
                    }
                });
            }
        });
        this
    }
}

async fn pass(mut from: tokio::net::tcp::OwnedReadHalf, mut to: tokio::net::tcp::OwnedWriteHalf, left: &AtomicUsize) {
    let mut part = vec![0; 16 * 1024];
    loop {
        let Ok(read) = from.read(&mut part).await else { return };
        if read == 0 {
            return;
        }
        let allowed = left.load(Ordering::SeqCst);
        if allowed != usize::MAX {
            if allowed < read {
                // Once; the next connection is a good one.
                let _ = to.write_all(&part[..allowed]).await;
                left.store(usize::MAX, Ordering::SeqCst);
                return;
            }
            left.store(allowed - read, Ordering::SeqCst);
        }
        if to.write_all(&part[..read]).await.is_err() {
            return;
        }
    }
}

fn impatient(url: &str, key: &str) -> Client {
    Client::builder(url, key)
        .retry(RetryPolicy::default().waits(Duration::from_millis(10), Duration::from_millis(50)))
        .build()
        .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broken_connection_is_gone_on_from() {
    let (database, client) = database().await;
    let breaker = Breaker::before(&database).await;
    let shaky = impatient(&breaker.url, database.service_key());
    let content = pattern(20 * MIB);
    // In the middle of the second chunk, and of the third.
    for after in [9 * MIB, 14 * MIB] {
        breaker.up.store(after, Ordering::SeqCst);
        let key = format!("cut-{after}");
        let uploaded = shaky.storage().from("b").upload(&key, content.clone()).await.unwrap();
        assert!(uploaded.resumable && breaker.up.load(Ordering::SeqCst) == usize::MAX);
        assert!(client.storage().from("b").download(&key).await.unwrap() == content);
    }
    // In one request: an error, and nothing stored.
    for multipart in [false, true] {
        breaker.up.store(2 * MIB, Ordering::SeqCst);
        let error = shaky
            .storage()
            .from("b")
            .upload("one", content.clone())
            .resumable(Resumable::Never)
            .multipart(multipart)
            .await
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Offline, "{error}");
        assert!(!client.storage().from("b").exists("one").await.unwrap());
    }
    // One that replaces is sent again.
    breaker.up.store(2 * MIB, Ordering::SeqCst);
    shaky.storage().from("b").upload("one", content.clone()).resumable(Resumable::Never).upsert(true).await.unwrap();
    // A download into a file leaves nothing.
    let folder = std::env::temp_dir().join(format!("supabase-tests-cut-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    breaker.down.store(3 * MIB, Ordering::SeqCst);
    let error = shaky.storage().from("b").download("one").to_file(folder.join("one")).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Offline, "{error}");
    assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 0);
    // And a dropped one neither.
    let slow = shaky.storage().from("b").download("one").to_file(folder.join("one"));
    let _ = tokio::time::timeout(Duration::from_millis(3), slow).await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert!(std::fs::read_dir(&folder).unwrap().all(|entry| entry.unwrap().file_name() == "one"));
    std::fs::remove_dir_all(&folder).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_goes_on_from_its_state() {
    let (database, client) = database().await;
    let breaker = Breaker::before(&database).await;
    let once = Client::builder(&breaker.url, database.service_key()).retry(RetryPolicy::none()).build().unwrap();
    let content = pattern(20 * MIB);
    let kept = Arc::new(Mutex::new(None::<String>));
    let keep = kept.clone();
    breaker.up.store(15 * MIB, Ordering::SeqCst);
    let stopped = once
        .storage()
        .from("b")
        .upload("r", content.clone())
        .metadata(&json!({"a": 1}))
        .on_state(move |state| *keep.lock().unwrap() = Some(serde_json::to_string(state).unwrap()))
        .await;
    assert_eq!(stopped.unwrap_err().kind(), ErrorKind::Offline);
    let state: UploadState = serde_json::from_str(kept.lock().unwrap().as_ref().unwrap()).unwrap();
    assert_eq!(state.offset, 12 * MIB as u64);
    let bucket = client.storage().from("b");
    // Another body is refused: a longer one, and one that differs in what was sent.
    assert_eq!(
        bucket.resume_upload(state.clone(), pattern(20 * MIB + 1)).await.unwrap_err().kind(),
        ErrorKind::Refused
    );
    let mut other = content.clone();
    other[5] ^= 1;
    assert_eq!(bucket.resume_upload(state.clone(), other).await.unwrap_err().kind(), ErrorKind::Refused);
    let first = Arc::new(AtomicU64::new(0));
    let seen = first.clone();
    let uploaded = bucket
        .resume_upload(state.clone(), content.clone())
        .on_progress(move |progress| {
            let _ = seen.compare_exchange(0, progress.sent, Ordering::SeqCst, Ordering::SeqCst);
        })
        .await
        .unwrap();
    // What the server had was not sent again.
    assert!(first.load(Ordering::SeqCst) > 12 * MIB as u64);
    assert_eq!(uploaded.size, 20 * MIB as u64);
    assert!(bucket.download("r").await.unwrap() == content);
    assert_eq!(bucket.info("r").await.unwrap().metadata, Some(json!({"a": 1})));
    // Given up: nobody knows it any more.
    let kept = Arc::new(Mutex::new(None));
    let keep = kept.clone();
    breaker.up.store(8 * MIB, Ordering::SeqCst);
    let stopped = once
        .storage()
        .from("b")
        .upload("g", content.clone())
        .on_state(move |state| *keep.lock().unwrap() = Some(state.clone()))
        .await;
    stopped.unwrap_err();
    let state: UploadState = kept.lock().unwrap().clone().unwrap();
    bucket.abort_upload(&state).await.unwrap();
    assert_eq!(bucket.resume_upload(state, content).await.unwrap_err().kind(), ErrorKind::NotFound);
}

#[tokio::test(flavor = "multi_thread")]
async fn many_at_once_and_signed_and_streamed_lists() {
    let (_database, client) = database().await;
    let (storage, bucket) = (client.storage(), client.storage().from("b"));
    let uploads: Vec<_> =
        (0..25).map(|number| bucket.upload(format!("many/{number:02}.bin"), pattern(number * 1000))).collect();
    let results: Vec<_> = storage.upload_all(uploads, 4).collect().await;
    assert!(results.len() == 25 && results.iter().all(|(_, result)| result.is_ok()));
    let listed: Vec<String> =
        bucket.list_v2().prefix("many/").limit(7).stream().map_ok(|object| object.name).try_collect().await.unwrap();
    assert_eq!(listed, (0..25).map(|number| format!("many/{number:02}.bin")).collect::<Vec<_>>());
    assert_eq!(bucket.list("").await.unwrap(), [Entry::Folder { name: "many".into() }]);
    // By a signed token, in chunks, without rights of one's own.
    let signed = bucket.create_signed_upload_url("signed.bin").await.unwrap();
    let content = pattern(7 * MIB);
    let nobody = Client::new(client.url(), "no key").unwrap();
    let (upload, progress) =
        nobody.storage().from("b").upload_to_signed_url("signed.bin", signed.token, content.clone()).with_progress();
    let (uploaded, steps) = tokio::join!(upload.send(), progress.collect::<Vec<_>>());
    assert!(uploaded.unwrap().resumable);
    assert_eq!(steps.last().unwrap().sent, content.len() as u64);
    assert!(bucket.download("signed.bin").await.unwrap() == content);
    let zeros = storage.from("b").upload("z", UploadBody::reader(tokio::io::repeat(0).take(3))).await.unwrap();
    assert_eq!(zeros.size, 3);
}

/// Memory of this process that is its own, in bytes.
#[cfg(target_os = "linux")]
fn resident() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<usize>().unwrap() * 1024
}

/// Needs a process of its own: `cargo test --test storage_live -- --ignored memory`.
#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
#[ignore = "moves 2 GiB; run alone"]
async fn memory_stays_constant_for_a_gibibyte() {
    let (_database, client) = database().await;
    let bucket = client.storage().from("b");
    bucket.upload("warm", pattern(MIB)).await.unwrap();
    bucket.download("warm").await.unwrap();
    let before = resident();
    let peak = Arc::new(AtomicUsize::new(0));
    let watch = peak.clone();
    let watching = tokio::spawn(async move {
        loop {
            watch.fetch_max(resident(), Ordering::SeqCst);
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    });
    let reader = UploadBody::reader(tokio::io::repeat(7).take(1 << 30)).with_length(1 << 30);
    bucket.upload("big", reader).await.unwrap();
    let up = peak.swap(0, Ordering::SeqCst).saturating_sub(before);
    let mut read = 0;
    let mut stream = bucket.download("big").stream().await.unwrap();
    while let Some(part) = stream.try_next().await.unwrap() {
        read += part.len();
    }
    let down = peak.load(Ordering::SeqCst).saturating_sub(before);
    watching.abort();
    println!(
        "1 GiB: {:.1} MiB above start for the upload, {:.1} for the download",
        up as f64 / MIB as f64,
        down as f64 / MIB as f64
    );
    assert_eq!(read, 1 << 30);
    assert!(up < 32 * MIB && down < 32 * MIB, "{up} {down}");
}

/// Keys that the server takes. The local stack, like the recorded one, takes no segment of dots.
fn key() -> impl Strategy<Value = String> {
    prop::string::string_regex("[A-Za-z0-9_!.*'() &$@=;:+,?-]{1,12}(/[A-Za-z0-9_!.*'() &$@=;:+,?-]{1,8}){0,2}")
        .unwrap()
        .prop_filter("no dots alone", |key| key.split('/').all(|segment| !matches!(segment, "." | "..")))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, max_shrink_iters: 20, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_key_works_in_every_call(key in key(), other in key()) {
        static RUNTIME: std::sync::OnceLock<(tokio::runtime::Runtime, Database, Client)> = std::sync::OnceLock::new();
        let (runtime, _, client) = RUNTIME.get_or_init(|| {
            let runtime = tokio::runtime::Runtime::new().unwrap();
            let (database, client) = runtime.block_on(database());
            runtime.block_on(async { client.storage().create_bucket("p").public(true).await }).unwrap();
            (runtime, database, client)
        });
        let other = format!("other {other}");
        runtime.block_on(async {
            let bucket = client.storage().from("p");
            let content = key.clone().into_bytes();
            bucket.upload(&key, content.clone()).await.unwrap();
            assert_eq!(bucket.list_v2().prefix(&key).await.unwrap().objects[0].name, key);
            assert_eq!(bucket.info(&key).await.unwrap().name, key);
            let signed = bucket.create_signed_url(&key, MINUTE).download_as("x y.txt").await.unwrap();
            assert_eq!(fetch(&signed).await, (200, content.clone()), "{signed}");
            let batch = bucket.create_signed_urls([&key, "missing"], MINUTE).await.unwrap();
            assert_eq!(fetch(batch[0].url.as_ref().unwrap()).await, (200, content.clone()));
            assert!(batch[1].url.is_none());
            assert_eq!(fetch(&bucket.get_public_url(&key).to_url().unwrap()).await, (200, content.clone()));
            assert_eq!(bucket.download(&key).await.unwrap(), content);
            bucket.copy(&key, &other).await.unwrap();
            bucket.remove([&key]).await.unwrap();
            bucket.move_to(&other, &key).await.unwrap();
            bucket.upload(&key, "in chunks").resumable(Resumable::Always).upsert(true).await.unwrap();
            let signed = bucket.create_signed_upload_url(&key).upsert(true).await.unwrap();
            bucket.upload_to_signed_url(&key, signed.token, "by token").await.unwrap();
            assert_eq!(bucket.download(&key).await.unwrap(), "by token");
            let removed = bucket.remove([&key]).await.unwrap();
            assert_eq!(removed[0].name, key);
            assert!(!bucket.exists(&key).await.unwrap());
        });
    }

    #[test]
    fn a_refused_character_is_named(before in "[a-z/]{0,5}", bad in "[^A-Za-z0-9_/!.*'() &$@=;:+,?-]", after in "[a-z/]{0,5}") {
        let client = Client::new("http://127.0.0.1:9", "key").unwrap();
        let error = client.storage().from("b").get_public_url(format!("{before}{bad}{after}")).to_url().unwrap_err();
        let character = bad.chars().next().unwrap();
        assert_eq!(error.kind(), ErrorKind::Refused);
        let text = error.to_string();
        assert!(text.contains(&format!("`{character}`")) || text.contains(&format!("U+{:04X}", u32::from(character))), "{text}");
    }
}

#[tokio::test]
async fn the_bytes_of_a_path_are_those_of_the_key() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let client = Client::new(&format!("http://{}", listener.local_addr().unwrap()), "key").unwrap();
    let server = tokio::spawn(async move {
        let mut targets = Vec::new();
        for _ in 0..4 {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut head = vec![0; 4096];
            let read = stream.read(&mut head).await.unwrap();
            targets.push(String::from_utf8_lossy(&head[..read]).split(' ').nth(1).unwrap().to_owned());
            stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n").await.unwrap();
        }
        targets
    });
    for key in ["a/../b", "..//./x y", "//lead//trail/", "a+b&c$d@e=f;g:h,i?j'(k)!*.-_"] {
        client.storage().from("b").download(key).await.unwrap();
    }
    let expected = ["a%2F../b", "..%2F%2F./x%20y", "//lead//trail/", "a+b&c$d@e=f;g:h,i%3Fj'(k)!*.-_"];
    let targets = server.await.unwrap();
    for (target, expected) in targets.iter().zip(expected) {
        let target = target.strip_prefix("/storage/v1/object/b/").unwrap();
        assert_eq!(target, expected);
    }
}

#[tokio::test]
async fn a_lying_length_is_an_error() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let client = Client::builder(&format!("http://{}", listener.local_addr().unwrap()), "key")
        .timeout(Duration::from_millis(300))
        .build()
        .unwrap();
    tokio::spawn(async move {
        for slow in [false, true] {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut head = vec![0; 4096];
            let _ = stream.read(&mut head).await.unwrap();
            stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello").await.unwrap();
            if slow {
                tokio::time::sleep(Duration::from_secs(5)).await;
            }
        }
    });
    let bucket = client.storage().from("b");
    assert_eq!(bucket.download("short").await.unwrap_err().kind(), ErrorKind::Offline);
    assert_eq!(bucket.download("slow").await.unwrap_err().kind(), ErrorKind::Timeout);
}

/// Runs itself again in a shell that lets no file grow beyond half a mebibyte.
#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_leaves_nothing() {
    const CHILD: &str = "SUPABASE_TESTS_FULL_DISK";
    if let Ok(url_key_folder) = std::env::var(CHILD) {
        let parts: Vec<&str> = url_key_folder.split('|').collect();
        let client = Client::new(parts[0], parts[1]).unwrap();
        let folder = std::path::Path::new(parts[2]);
        let error = client.storage().from("b").download("big").to_file(folder.join("big")).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Io, "{error}");
        assert_eq!(std::fs::read_dir(folder).unwrap().count(), 0);
        return;
    }
    let (database, client) = database().await;
    client.storage().from("b").upload("big", pattern(3 * MIB)).await.unwrap();
    let folder = std::env::temp_dir().join(format!("supabase-tests-full-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let itself = std::env::current_exe().unwrap();
    // The signal of a file that is too large is ignored, so that writing says it.
    let status = tokio::process::Command::new("sh")
        .args(["-c", "trap '' XFSZ; ulimit -f 1024; exec \"$0\" --exact a_full_disk_leaves_nothing"])
        .arg(itself)
        .env(CHILD, format!("{}|{}|{}", database.url(), database.service_key(), folder.display()))
        .stdout(std::process::Stdio::null())
        .status()
        .await
        .unwrap();
    std::fs::remove_dir_all(&folder).unwrap();
    assert!(status.success());
}
