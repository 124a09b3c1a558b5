//! What transfers take in memory, the local stack included. A program of its own: the memory of a process is that of
//! everything in it.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
#![cfg(target_os = "linux")]

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures_util::TryStreamExt;
use supabase_core::storage::UploadBody;
use supabase_local::Stack;
use supabase_tests::stack::service;
use tokio::io::AsyncReadExt;

const MIB: usize = 1024 * 1024;
/// What a transfer of any size may take above the start.
const MOST: usize = 32 * MIB;

/// Memory of this process that is its own, in bytes.
fn resident() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<usize>().unwrap() * 1024
}

/// Uploads and downloads so many bytes and gives how far memory rose for each.
async fn transfer(bytes: usize) {
    let stack = Stack::start().await.unwrap();
    stack.set_storage_size_limit(2 << 30);
    let client = service(&stack).unwrap();
    client.storage().create_bucket("b").await.unwrap();
    let bucket = client.storage().from("b");
    bucket.upload("warm", vec![7; MIB]).await.unwrap();
    bucket.download("warm").await.unwrap();
    let before = resident();
    let peak = Arc::new(AtomicUsize::new(0));
    let watch = Arc::clone(&peak);
    let watching = tokio::spawn(async move {
        loop {
            watch.fetch_max(resident(), Ordering::SeqCst);
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    });
    let body = UploadBody::reader(tokio::io::repeat(7).take(bytes as u64)).with_length(bytes as u64);
    let uploaded = bucket.upload("big", body).await.unwrap();
    assert!(uploaded.resumable && uploaded.size == bytes as u64);
    let up = peak.swap(0, Ordering::SeqCst).saturating_sub(before);
    let mut read = 0;
    let mut stream = bucket.download("big").stream().await.unwrap();
    while let Some(part) = stream.try_next().await.unwrap() {
        assert!(part.iter().all(|byte| *byte == 7));
        read += part.len();
    }
    let down = peak.load(Ordering::SeqCst).saturating_sub(before);
    watching.abort();
    let mib = |bytes: usize| bytes as f64 / MIB as f64;
    println!("{} MiB: {:.1} MiB above start for the upload, {:.1} for the download", mib(bytes), mib(up), mib(down));
    assert_eq!(read, bytes);
    assert!(up < MOST && down < MOST, "{up} {down}");
    stack.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_quarter_of_a_gibibyte_takes_no_memory() {
    transfer(256 * MIB).await;
}

/// `cargo test -p supabase-tests --test storage_memory -- --ignored gibibyte_takes_constant --nocapture`
#[tokio::test(flavor = "multi_thread")]
#[ignore = "moves 2 GiB, which takes a minute; run alone"]
async fn a_gibibyte_takes_constant_memory() {
    transfer(1024 * MIB).await;
}
