//! What goes wrong between client and server, and on this machine.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use futures_util::TryStreamExt;
use serde_json::json;
use supabase_core::storage::{Resumable, UploadBody, UploadState};
use supabase_core::{Client, ErrorKind};
use supabase_tests::breaker::Breaker;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::common::{Folder, MIB, impatient, once, pattern, server};

#[tokio::test(flavor = "multi_thread")]
async fn a_broken_connection_is_gone_on_from() {
    let (database, client) = server().await;
    let breaker = Breaker::before(database.url()).await.unwrap();
    let shaky = impatient(&breaker.url, database.service_key());
    let content = pattern(20 * MIB);
    // In the middle of the second chunk, and of the third.
    for after in [9 * MIB, 14 * MIB] {
        breaker.cut_up(after as u64);
        let key = format!("cut-{after}");
        let uploaded = shaky.storage().from("b").upload(&key, content.clone()).await.unwrap();
        assert!(uploaded.resumable && breaker.has_cut());
        assert!(client.storage().from("b").download(&key).await.unwrap() == content);
    }
    // In one request: an error, and nothing stored.
    for multipart in [false, true] {
        breaker.cut_up(2 << 20);
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
    breaker.cut_up(2 << 20);
    shaky.storage().from("b").upload("one", content.clone()).resumable(Resumable::Never).upsert(true).await.unwrap();
    // A download into a file leaves nothing.
    let folder = Folder::new("cut");
    breaker.cut_down(3 << 20);
    let error = shaky.storage().from("b").download("one").to_file(folder.join("one")).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Offline, "{error}");
    assert!(folder.names().is_empty());
    // As bytes and as a stream it is an error as well, never a short object.
    breaker.cut_down(3 << 20);
    assert_eq!(shaky.storage().from("b").download("one").await.unwrap_err().kind(), ErrorKind::Offline);
    breaker.cut_down(3 << 20);
    let stream = shaky.storage().from("b").download("one").stream().await.unwrap();
    assert_eq!(stream.try_collect::<Vec<_>>().await.unwrap_err().kind(), ErrorKind::Offline);
    // And a dropped one neither.
    let slow = shaky.storage().from("b").download("one").to_file(folder.join("one"));
    let _ = tokio::time::timeout(Duration::from_millis(3), slow).await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert!(folder.names().iter().all(|name| name == "one"));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_goes_on_from_its_state() {
    let (database, client) = server().await;
    let breaker = Breaker::before(database.url()).await.unwrap();
    let impatient = once(&breaker.url, database.service_key());
    let content = pattern(20 * MIB);
    let kept = Arc::new(Mutex::new(None::<String>));
    let keep = kept.clone();
    breaker.cut_up(15 << 20);
    let stopped = impatient
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
    breaker.cut_up(8 << 20);
    let stopped = impatient
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

/// A body that is shorter or longer than it said.
#[tokio::test(flavor = "multi_thread")]
async fn a_lie_about_ones_own_body_stores_nothing() {
    let (_database, client) = server().await;
    let bucket = client.storage().from("b");
    for length in [7 << 20, 9 << 20] {
        for way in [Resumable::Always, Resumable::Never] {
            let parts = (0..8).map(|_| Ok::<_, std::io::Error>(Bytes::from(vec![7; MIB])));
            let body = UploadBody::stream(futures_util::stream::iter(parts.collect::<Vec<_>>())).with_length(length);
            let error = bucket.upload("lie", body).resumable(way).await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Io, "{length} {way:?}: {error}");
            assert!(!bucket.exists("lie").await.unwrap());
        }
    }
}

/// A slow server is no failure while bytes move, however long it takes; one that stands still is.
#[tokio::test(flavor = "multi_thread")]
async fn a_slow_server_is_waited_for() {
    let (database, client) = server().await;
    let breaker = Breaker::before(database.url()).await.unwrap();
    let patience = Duration::from_millis(2500);
    let slow = Client::builder(&breaker.url, database.service_key()).timeout(patience).build().unwrap();
    let bucket = slow.storage().from("b");
    let content = pattern(24 * MIB);
    breaker.pace(6 << 20);
    let begin = std::time::Instant::now();
    bucket.upload("slow", content.clone()).resumable(Resumable::Never).upsert(true).await.unwrap();
    assert!(begin.elapsed() > patience, "the upload was too fast to show anything");
    let begin = std::time::Instant::now();
    assert!(bucket.download("slow").await.unwrap() == content);
    assert!(begin.elapsed() > patience, "the download was too fast to show anything");
    breaker.pace(0);
    breaker.stall(true);
    let once = once(&breaker.url, database.service_key()).storage().from("b");
    let silence = Duration::from_millis(300);
    let error = once.upload("still", content.clone()).resumable(Resumable::Never).timeout(silence).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout, "{error}");
    let error = once.upload("still", content).resumable(Resumable::Always).timeout(silence).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout, "{error}");
    let error = once.download("slow").timeout(silence).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout, "{error}");
    breaker.stall(false);
    assert!(!client.storage().from("b").exists("still").await.unwrap());
}

/// Runs itself again where the folder is on a disk of a mebibyte, if this system lets it make one, and otherwise in a
/// shell that lets no file grow beyond half a mebibyte.
#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_leaves_nothing() {
    const CHILD: &str = "SUPABASE_TESTS_FULL_DISK";
    if let Ok(place) = std::env::var(CHILD) {
        let parts: Vec<&str> = place.split('|').collect();
        let client = Client::new(parts[0], parts[1]).unwrap();
        let folder = std::path::Path::new(parts[2]);
        let error = client.storage().from("b").download("big").to_file(folder.join("big")).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Io, "{error}");
        assert!(error.to_string().contains(parts[3]), "{error}");
        assert_eq!(std::fs::read_dir(folder).unwrap().count(), 0);
        // And what fits is written.
        client.storage().from("b").download("small").to_file(folder.join("small")).await.unwrap();
        assert_eq!(std::fs::metadata(folder.join("small")).unwrap().len(), 100_000);
        return;
    }
    let (database, client) = server().await;
    client.storage().from("b").upload("big", pattern(3 * MIB)).await.unwrap();
    client.storage().from("b").upload("small", pattern(100_000)).await.unwrap();
    let folder = Folder::new("full");
    // A mount of a namespace of its own goes with its process.
    let mount = format!("mount -t tmpfs -o size=1m none {}", folder.path().display());
    let mounts = tokio::process::Command::new("unshare").args(["--mount", "sh", "-c", &mount]).output().await;
    let (mut command, says) = if mounts.is_ok_and(|output| output.status.success()) {
        let mut command = tokio::process::Command::new("unshare");
        command.args(["--mount", "sh", "-c", &format!("{mount} && exec \"$0\" \"$@\"")]);
        (command, "No space left")
    } else {
        println!("no disk of its own can be mounted here: a bound on the length of files takes its place");
        let mut command = tokio::process::Command::new("sh");
        // The signal of a file that is too large is ignored, so that writing says it.
        command.args(["-c", "trap '' XFSZ; ulimit -f 1024; exec \"$0\" \"$@\""]);
        (command, "File too large")
    };
    let output = command
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", "faults::a_full_disk_leaves_nothing"])
        .env(CHILD, format!("{}|{}|{}|{says}", database.url(), database.service_key(), folder.path().display()))
        .output()
        .await
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && text.contains("1 passed"), "{text}");
}
