//! What a streamed read of a million rows takes in memory. A program of its own: the peak of a
//! process is that of everything in it.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
#![cfg(target_os = "linux")]

use supabase_core::Client;
use supabase_core::prelude::*;
use supabase_tests::db::moons;
use supabase_tests::server::{CHUNKED, Server};

const ROWS_OF_A_CHUNK: usize = 1000;
const MOST: usize = 16 << 20;

/// The largest resident set of this process so far, in bytes.
fn peak() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches(" kB").parse::<usize>().unwrap() * 1024
}

/// A server whose answer has as many chunks of 1,000 rows as the query asks for by its limit.
async fn server() -> Server {
    let row = r#"{"id":12345,"name":"a moon, \"bright\" and far","planet_id":5,"radius_km":1821.6}"#;
    let chunk = std::sync::Arc::new(vec![row; ROWS_OF_A_CHUNK].join(","));
    Server::start(move |mut client| {
        let chunk = chunk.clone();
        async move {
            let limit = client.head.split_once("limit=").unwrap().1;
            let rows: usize = limit.split(|digit: char| !digit.is_ascii_digit()).next().unwrap().parse().unwrap();
            client.say(CHUNKED).await?;
            client.chunk("[").await?;
            for at in 0..rows / ROWS_OF_A_CHUNK {
                if at > 0 {
                    client.chunk(",").await?;
                }
                client.chunk(&*chunk).await?;
            }
            client.chunk("]").await?;
            client.chunk("").await
        }
    })
    .await
    .unwrap()
}

#[tokio::test]
async fn a_million_rows_take_no_more_than_ten_thousand() {
    let server = server().await;
    let supabase = Client::new(&server.url, "key").unwrap();
    let read = async |limit: u64| {
        let mut rows = supabase.from(moons::Table).select(All).limit(limit).stream();
        let mut count = 0_u64;
        while let Some(row) = rows.next().await {
            assert_eq!(row.unwrap().radius_km, Some(1821.6));
            count += 1;
        }
        count
    };
    assert_eq!(read(10_000).await, 10_000);
    let before = peak();
    let started = std::time::Instant::now();
    assert_eq!(read(1_000_000).await, 1_000_000);
    let grown = peak() - before;
    println!(
        "streamed a million rows in {:.1} s; peak memory {} KiB before, {} KiB more after",
        started.elapsed().as_secs_f32(),
        before / 1024,
        grown / 1024
    );
    assert!(grown < MOST, "{grown} bytes more for a hundred times the rows");
    // The measure measures: the same rows at once are far above it.
    let rows = supabase.from(moons::Table).select(All).limit(200_000).await.unwrap();
    assert_eq!(rows.len(), 200_000);
    assert!(peak() - before > MOST);
}
