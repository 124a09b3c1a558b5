//! Processes that end: the client's in the middle of an upload, and the server's.

use std::path::Path;
use std::process::Stdio;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use supabase_core::storage::{Bucket, Upload, UploadState};
use supabase_core::{Client, ErrorKind};
use supabase_tests::breaker::Breaker;
use tokio::process::{Child, Command};

use crate::common::{Folder, MIB, database, impatient, once, pattern, server};

const CHILD: &str = "SUPABASE_TESTS_UPLOADER";

/// The program that is killed: it uploads `content` of a folder, keeps the state beside it, and goes on from one that is
/// there.
async fn uploader(place: &str) {
    let parts: Vec<&str> = place.split('|').collect();
    let bucket = Client::new(parts[0], parts[1]).unwrap().storage().from("b");
    let (content, kept) = (Path::new(parts[2]).join("content"), Path::new(parts[2]).join("state"));
    let upload = match std::fs::read(&kept) {
        Ok(state) => bucket.resume_upload(serde_json::from_slice(&state).unwrap(), content),
        Err(_) => bucket.upload("killed", content),
    };
    let uploaded = upload.on_state(keep_at(kept)).await.unwrap();
    println!("stored {} bytes", uploaded.size);
}

/// Writes a state so that a reader sees a whole one, whenever the writer is killed.
fn keep_at(kept: std::path::PathBuf) -> impl Fn(&UploadState) + Send + Sync + 'static {
    move |state| {
        let new = kept.with_extension("new");
        std::fs::write(&new, serde_json::to_vec(state).unwrap()).unwrap();
        std::fs::rename(&new, &kept).unwrap();
    }
}

fn run(place: &str) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "restart::a_killed_process_is_gone_on_from", "--nocapture"])
        .env(CHILD, place)
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap()
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn a_killed_process_is_gone_on_from() {
    use std::os::unix::process::ExitStatusExt;
    if let Ok(place) = std::env::var(CHILD) {
        return uploader(&place).await;
    }
    let (database, client) = server().await;
    let bucket = client.storage().from("b");
    let breaker = Breaker::before(database.url()).await.unwrap();
    breaker.pace(24 << 20);
    let folder = Folder::new("killed");
    let content = pattern(40 * MIB);
    std::fs::write(folder.join("content"), &content).unwrap();
    let place = format!("{}|{}|{}", breaker.url, database.service_key(), folder.path().display());
    let mut child = run(&place);
    let offset = || {
        let state = std::fs::read(folder.join("state")).ok()?;
        Some(serde_json::from_slice::<UploadState>(&state).unwrap().offset)
    };
    let begin = Instant::now();
    while offset().is_none_or(|offset| offset < 12 << 20) {
        assert!(begin.elapsed() < Duration::from_secs(30), "the upload does not get there: {:?}", offset());
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    // The signal that no program can catch.
    child.start_kill().unwrap();
    assert_eq!(child.wait().await.unwrap().signal(), Some(9));
    assert!(!bucket.exists("killed").await.unwrap());
    let before = breaker.sent();
    breaker.pace(0);
    let output = run(&place).wait_with_output().await.unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && text.contains(&format!("stored {} bytes", content.len())), "{text}");
    // What the server had was not sent again.
    let again = breaker.sent() - before;
    assert!(again < 29 << 20, "{again} bytes were sent by the second process");
    assert!(bucket.download("killed").await.unwrap() == content);
}

/// Uploads until this many bytes have left, and gives the task.
async fn under_way(
    upload: Upload,
    bytes: u64,
) -> tokio::task::JoinHandle<supabase_core::Result<supabase_core::storage::Uploaded>> {
    let (reached, seen) = tokio::sync::oneshot::channel();
    let reached = Mutex::new(Some(reached));
    let task = tokio::spawn(
        upload
            .on_progress(move |progress| {
                if progress.sent >= bytes {
                    // Once; nobody waits any more after that.
                    let _ = reached.lock().unwrap().take().map(|reached| reached.send(()));
                }
            })
            .send(),
    );
    tokio::time::timeout(Duration::from_secs(30), seen).await.unwrap().unwrap();
    task
}

#[tokio::test(flavor = "multi_thread")]
async fn the_server_is_started_anew_on_its_files() {
    let (mut database, client) = database().await;
    let bucket = client.storage().from("b");
    let content = pattern(30 * MIB);
    bucket.upload("before", "stored before").await.unwrap();
    // In the middle of an upload, which goes on by itself.
    let breaker = Breaker::before(database.url()).await.unwrap();
    breaker.pace(24 << 20);
    let patient = impatient(&breaker.url, database.service_key()).storage().from("b");
    let task = under_way(patient.upload("through", content.clone()), 14 << 20).await;
    let before = breaker.sent();
    database.restart_storage().await.unwrap();
    let uploaded = task.await.unwrap().unwrap();
    assert!(uploaded.resumable && uploaded.size == content.len() as u64);
    assert!(breaker.sent() - before < 22 << 20, "{} bytes were sent after the restart", breaker.sent() - before);
    assert!(bucket.download("through").await.unwrap() == content);
    assert_eq!(bucket.download("before").await.unwrap(), "stored before");
    // Between two clients: the second goes on from the state that the first left.
    let (state, bucket_of_once) = stopped(&breaker, database.service_key(), &content).await;
    database.restart_storage().await.unwrap();
    let uploaded = bucket.resume_upload(state.clone(), content.clone()).await.unwrap();
    assert_eq!(uploaded.size, content.len() as u64);
    assert!(bucket.download("stopped").await.unwrap() == content);
    // A finished upload is remembered as that, and one that was given up is not.
    assert!(bucket.resume_upload(state, content.clone()).await.is_ok());
    let (state, _) = stopped(&breaker, database.service_key(), &content).await;
    bucket_of_once.abort_upload(&state).await.unwrap();
    database.restart_storage().await.unwrap();
    assert_eq!(bucket.resume_upload(state, content.clone()).await.unwrap_err().kind(), ErrorKind::NotFound);
    // A download that is under way ends with an error, never short.
    breaker.pace(8 << 20);
    let reading =
        tokio::spawn(once(&breaker.url, database.service_key()).storage().from("b").download("through").send());
    tokio::time::sleep(Duration::from_millis(300)).await;
    database.restart_storage().await.unwrap();
    assert_eq!(reading.await.unwrap().unwrap_err().kind(), ErrorKind::Offline);
    database.stop().await.unwrap();
}

/// An upload of `stopped` that breaks after its second chunk, and the bucket by a client that never tries again.
async fn stopped(breaker: &Breaker, key: &str, content: &[u8]) -> (UploadState, Bucket) {
    let bucket = once(&breaker.url, key).storage().from("b");
    let kept = Arc::new(Mutex::new(None));
    let keep = Arc::clone(&kept);
    breaker.cut_up(15 << 20);
    let upload = bucket.upload("stopped", content.to_vec()).upsert(true);
    let stopped = upload.on_state(move |state| *keep.lock().unwrap() = Some(state.clone())).await;
    assert_eq!(stopped.unwrap_err().kind(), ErrorKind::Offline);
    let state = kept.lock().unwrap().take().unwrap();
    (state, bucket)
}
