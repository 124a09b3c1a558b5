//! Dropping a request, and how long one is waited for.

use super::*;

/// A server that sends the head, one row, and then rows for ever or nothing more.
async fn row_server(for_ever: bool) -> Server {
    Server::start(move |mut client| async move {
        client.say(CHUNKED).await?;
        client.chunk(r#"[{"id":1,"name":"Luna"}"#).await?;
        if !for_ever {
            return std::future::pending().await;
        }
        loop {
            client.chunk(r#",{"id":2,"name":"Io"}"#).await?;
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    })
    .await
    .unwrap()
}

async fn silent_server() -> Server {
    Server::start(|client| async move {
        // The way back stays open.
        let _client = client;
        std::future::pending().await
    })
    .await
    .unwrap()
}

#[tokio::test]
async fn dropping_closes_the_connection() {
    // A stream in the middle.
    let server = row_server(true).await;
    let supabase = Client::new(&server.url, "key").unwrap();
    let mut rows = supabase.from(moons::Table).select((moons::id, moons::name)).stream();
    for _ in 0..10 {
        rows.next().await.unwrap().unwrap();
    }
    assert_eq!((server.opened(), server.closed(0).await), (1, 0));
    drop(rows);
    assert_eq!(server.closed(1).await, 1);

    // A query that waits for its answer, a stream before its first row, pages.
    let server = silent_server().await;
    let supabase = Client::new(&server.url, "key").unwrap();
    let select = || supabase.from(moons::Table).select((moons::id, moons::name));
    let soon = Duration::from_millis(300);
    assert!(tokio::time::timeout(soon, select().send()).await.is_err());
    assert_eq!((server.opened(), server.closed(1).await), (1, 1));
    assert!(tokio::time::timeout(soon, select().stream().next()).await.is_err());
    assert_eq!((server.opened(), server.closed(2).await), (2, 2));
    let mut pages = select().pages(10);
    assert!(tokio::time::timeout(soon, pages.next_page()).await.is_err());
    // The page is still being waited for: a future that is dropped loses nothing.
    assert_eq!((server.opened(), server.closed(0).await), (3, 2));
    drop(pages);
    assert_eq!(server.closed(3).await, 3);
}

#[tokio::test]
async fn the_time_limit_is_for_the_head_and_between_parts() {
    let limit = Duration::from_millis(300);
    let took = |started: Instant| {
        let took = started.elapsed();
        assert!(took >= limit && took < Duration::from_secs(20), "{took:?}");
    };
    // The client's own would be a minute.
    let server = silent_server().await;
    let supabase = Client::new(&server.url, "key").unwrap();
    let select = || supabase.from(moons::Table).select((moons::id, moons::name)).timeout(limit);
    let started = Instant::now();
    let error = select().await.unwrap_err();
    assert_eq!((error.kind(), error.attempts()), (ErrorKind::Timeout, 1));
    assert_eq!(select().stream().next().await.unwrap().unwrap_err().kind(), ErrorKind::Timeout);
    assert_eq!(select().pages(3).next_page().await.unwrap_err().kind(), ErrorKind::Timeout);
    took(started);
    // A time limit is final: nothing was sent again.
    assert_eq!(server.opened(), 3);
    assert_eq!(server.closed(3).await, 3);

    let server = row_server(false).await;
    let supabase = Client::new(&server.url, "key").unwrap();
    let select = || supabase.from(moons::Table).select((moons::id, moons::name)).timeout(limit);
    let started = Instant::now();
    let mut rows = select().stream();
    assert_eq!(rows.next().await.unwrap().unwrap(), (1, "Luna".to_owned()));
    let error = rows.next().await.unwrap().unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);
    assert!(error.to_string().contains("GET /rest/v1/moons"), "{error}");
    assert!(rows.next().await.is_none());
    took(started);
    assert_eq!(select().await.unwrap_err().kind(), ErrorKind::Timeout);

    // Slow is not stalled: parts that keep coming may take longer than the limit in all.
    let server = Server::start(|mut client| async move {
        client.say(CHUNKED).await?;
        client.chunk("[").await?;
        for row in 0..8 {
            tokio::time::sleep(Duration::from_millis(100)).await;
            client.chunk(format!(r#"{}{{"id":{row},"name":"a"}}"#, if row > 0 { "," } else { "" })).await?;
        }
        client.chunk("]").await?;
        client.chunk("").await
    })
    .await
    .unwrap();
    let supabase = Client::builder(&server.url, "key").timeout(Duration::from_millis(500)).build().unwrap();
    assert_eq!(streamed(&supabase).await.0.len(), 8);
}
