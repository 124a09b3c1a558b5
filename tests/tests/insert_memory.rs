//! What a streamed insert of a million rows takes in memory. A program of its own: the peak of a
//! process is that of everything in it.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
#![cfg(target_os = "linux")]

use std::convert::Infallible;

use futures_util::{StreamExt, stream};
use supabase_core::Client;
use supabase_core::prelude::*;
use supabase_tests::db::moons;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

const MOST: usize = 16 << 20;

/// The largest resident set of this process so far, in bytes.
fn peak() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches(" kB").parse::<usize>().unwrap() * 1024
}

/// A server that reads bodies to their end, holding none of it, and says in a header how many rows there were.
async fn server() -> String {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((mut client, _)) = listener.accept().await {
            tokio::spawn(async move {
                let mut part = vec![0; 64 << 10];
                let (mut rows, mut tail) = (0_usize, Vec::new());
                // A body in chunks ends with an empty one. Every row has one brace that opens it.
                while !tail.ends_with(b"]\r\n0\r\n\r\n") {
                    let read = client.read(&mut part).await.unwrap();
                    if read == 0 {
                        return;
                    }
                    rows += part[..read].iter().filter(|byte| **byte == b'{').count();
                    tail.extend_from_slice(&part[..read]);
                    tail.drain(..tail.len().saturating_sub(16));
                }
                let head = format!("HTTP/1.1 201 Created\r\ncontent-range: */{rows}\r\ncontent-length: 0\r\n\r\n");
                client.write_all(head.as_bytes()).await.unwrap();
            });
        }
    });
    url
}

#[tokio::test]
async fn a_million_rows_take_no_more_than_ten_thousand() {
    let supabase = Client::new(&server().await, "key").unwrap();
    let row = |at: i64| insert!(moons { name: format!("moon {at}"), planet_id: at, radius_km: 1821.6 });
    let insert = async |rows: i64| {
        let rows = stream::iter(0..rows).map(row).map(Ok::<_, Infallible>);
        supabase.from(moons::Table).insert_stream(rows).count(Count::Exact).execute().await.unwrap().count
    };
    assert_eq!(insert(10_000).await, Some(10_000));
    let before = peak();
    let started = std::time::Instant::now();
    assert_eq!(insert(1_000_000).await, Some(1_000_000));
    let grown = peak() - before;
    println!(
        "streamed a million rows in {:.1} s; peak memory {} KiB before, {} KiB more after",
        started.elapsed().as_secs_f32(),
        before / 1024,
        grown / 1024
    );
    assert!(grown < MOST, "{grown} bytes more for a hundred times the rows");
    // The measure measures: the same rows at once are far above it.
    let rows: Vec<_> = (0..300_000).map(row).collect();
    let request = supabase.from(moons::Table).insert_many(&rows).to_request().unwrap();
    assert!(request.body.unwrap().len() > MOST / 2);
    assert!(peak() - before > MOST);
}
