//! `upload` run as a person would: on a folder, stopped in the middle, started again.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
#![cfg(unix)]

use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};
use std::time::{Duration, Instant};

use supabase_core::Client;
use supabase_local::{Database, Stack};
use supabase_tests::breaker::Breaker;
use tokio::process::Command;

const MIB: usize = 1024 * 1024;

fn command(folder: &Path, url: &str, database: &Database) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_upload"));
    command.arg(folder).arg("files").env("SUPABASE_URL", url).env("SUPABASE_KEY", database.service_key());
    command.stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
    command
}

async fn run(folder: &Path, url: &str, database: &Database) -> (Output, String) {
    let output = tokio::time::timeout(Duration::from_secs(60), command(folder, url, database).output());
    let output = output.await.unwrap().unwrap();
    let text = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    (output, text)
}

fn states(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder.join(".uploads")).into_iter().flatten();
    entries.map(|entry| entry.unwrap().path()).filter(|path| path.extension().is_none_or(|end| end != "new")).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_is_uploaded_also_when_it_is_stopped() {
    let stack = Stack::start().await.unwrap();
    let client = Client::new(stack.url(), stack.service_key()).unwrap();
    client.storage().create_bucket("files").await.unwrap();
    let bucket = client.storage().from("files");
    let folder = tempfile::tempdir().unwrap();
    let large: Vec<u8> = (0..30 * MIB).map(|at| ((at * 131 + (at >> 8) * 17) % 256) as u8).collect();
    let files: [(&str, &[u8]); 4] =
        [("a.txt", b"hello"), ("empty", b""), ("sub/deep/b c.txt", b"below"), ("sub/large.bin", &large)];
    for (name, content) in files {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, content).unwrap();
    }

    // Stopped after two chunks of the large file.
    let breaker = Breaker::before(stack.url()).await.unwrap();
    breaker.pace(20 << 20);
    let mut child = command(folder.path(), &breaker.url, &stack).spawn().unwrap();
    let begin = Instant::now();
    while !states(folder.path()).iter().any(|state| {
        let state: serde_json::Value =
            serde_json::from_slice(&std::fs::read(state).unwrap_or_default()).unwrap_or_default();
        state["offset"].as_u64().is_some_and(|offset| offset >= 12 << 20)
    }) {
        assert!(begin.elapsed() < Duration::from_secs(30), "no state of an upload is kept");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    child.start_kill().unwrap();
    assert!(!child.wait().await.unwrap().success());
    assert!(!bucket.exists("sub/large.bin").await.unwrap());

    // The next run sends the rest of it alone.
    breaker.pace(0);
    let before = breaker.sent();
    let (output, text) = run(folder.path(), &breaker.url, &stack).await;
    assert!(output.status.success() && text.contains("1 files sent (30.00 MiB), 3 unchanged, 0 failed"), "{text}");
    let again = breaker.sent() - before;
    assert!(again < 19 << 20, "{again} bytes were sent by the second run");
    assert!(!folder.path().join(".uploads").exists());
    for (name, content) in files {
        assert!(bucket.download(name).await.unwrap() == content, "{name}");
    }

    // What changed is sent, what storage does not take is named, and the rest goes on.
    std::fs::write(folder.path().join("a.txt"), "hello again").unwrap();
    std::fs::write(folder.path().join("tilde~.txt"), "x").unwrap();
    let (output, text) = run(folder.path(), stack.url(), &stack).await;
    assert!(!output.status.success() && text.contains("1 files sent (11 B), 3 unchanged, 1 failed"), "{text}");
    assert!(text.contains("tilde~.txt") && text.contains("`~`"), "{text}");
    assert_eq!(bucket.download("a.txt").await.unwrap(), "hello again");
    stack.stop().await.unwrap();
}
