//! The gateway passes bytes, checks keys and adds nothing.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test may fail by panicking

mod common;

use common::{exchange, get, request};
use supabase_local::{SharedStack, Stack};

static STACK: SharedStack = SharedStack::new(|| {
    Stack::builder().migrations("tests/migrations/good").rest_setting("server-timing-enabled", "true")
});

#[tokio::test]
async fn paths_and_queries_arrive_byte_for_byte() {
    let stack = STACK.get().await.unwrap();
    for (target, names) in [
        ("/rest/v1/planets?select=name&name=eq.a%2Fb", r#"[{"name":"a/b"}]"#),
        ("/rest/v1/planets?select=name&name=eq.a/b", r#"[{"name":"a/b"}]"#),
        ("/rest/v1/planets?select=name&name=eq.a+b", r#"[{"name":"a b"}]"#),
        ("/rest/v1/planets?select=name&name=eq.a%20b", r#"[{"name":"a b"}]"#),
        ("/rest/v1/planets?select=name&name=eq.a%2Bb", r#"[{"name":"a+b"}]"#),
        ("/rest/v1/planets?select=name&name=eq...", r#"[{"name":".."}]"#),
        ("/rest/v1/planets?select=name&name=eq.100%25", r#"[{"name":"100%"}]"#),
        ("/rest/v1/planets?select=name&name=eq.%22q%22", r#"[{"name":"\"q\""}]"#),
        ("/rest/v1/planets?select=name&name=in.(a/b,%22a%20b%22)&name=not.like.*%20*", r#"[{"name":"a/b"}]"#),
        // Tables whose names a normalising proxy would change.
        ("/rest/v1/..?select=name", r#"[{"name":"dots"}]"#),
        ("/rest/v1/%2E%2e?select=name", r#"[{"name":"dots"}]"#),
        ("/rest/v1/a%2Fb?select=name", r#"[{"name":"slash"}]"#),
    ] {
        let answer = get(stack.url(), stack.anon_key(), target).await;
        assert_eq!((answer.status, answer.body.as_str()), (200, names), "{target}: {answer:?}");
    }
    // PostgREST shows its functions the path as it came.
    for path in ["/rpc/path_of_request", "/rpc/%70ath_of_request", "/rpc/path%5Fof%5frequest"] {
        let answer = get(stack.url(), stack.anon_key(), &format!("/rest/v1{path}")).await;
        assert_eq!((answer.status, answer.json().as_str()), (200, Some(path)), "{answer:?}");
    }
}

#[tokio::test]
async fn the_root_answers_with_and_without_a_slash() {
    let stack = STACK.get().await.unwrap();
    for target in ["/rest/v1", "/rest/v1/"] {
        let answer = get(stack.url(), stack.anon_key(), target).await;
        assert_eq!((answer.status, answer.json()["swagger"].as_str()), (200, Some("2.0")), "{target}");
    }
    for target in ["/", "/rest", "/rest/v10/planets", "/nothing/v1/x"] {
        assert_eq!(get(stack.url(), stack.anon_key(), target).await.status, 404, "{target}");
    }
}

#[tokio::test]
async fn a_key_is_required_and_checked() {
    let stack = STACK.get().await.unwrap();
    let none = request(stack.url(), "GET", "/rest/v1/planets", &[], "").await;
    assert_eq!((none.status, none.json()["message"].as_str()), (401, Some("No API key found in request")));
    assert!(none.json()["hint"].as_str().unwrap().contains("apikey"));
    assert_eq!(none.header("content-type"), Some("application/json; charset=utf-8"));
    for wrong in ["", "x", "sb_publishable_", &stack.anon_key()[1..]] {
        let answer = get(stack.url(), wrong, "/rest/v1/planets").await;
        assert_eq!((answer.status, answer.json()["message"].as_str()), (401, Some("Invalid API key")), "{wrong:?}");
    }
    // A bearer token is no key.
    let bearer = format!("Bearer {}", stack.service_key());
    assert_eq!(request(stack.url(), "GET", "/rest/v1/planets", &[("authorization", &bearer)], "").await.status, 401);
    // In the query it works as well, and is no filter then.
    let target = format!("/rest/v1/planets?select=name&apikey={}&name=eq.a%2Fb", stack.anon_key());
    let answer = request(stack.url(), "GET", &target, &[], "").await;
    assert_eq!((answer.status, answer.body.as_str()), (200, r#"[{"name":"a/b"}]"#), "{answer:?}");
    assert!(!answer.header("content-location").unwrap().contains("apikey"), "{answer:?}");
}

#[tokio::test]
async fn bodies_stream_and_headers_pass() {
    let stack = STACK.get().await.unwrap();
    let database = stack.database_with(stack.rest_settings().clone().max_rows(None)).await.unwrap();
    // Two megabytes in chunks, as a client sends that does not know the length.
    let rows: Vec<String> = (0..20_000).map(|n| format!(r#"{{"name":"planet {n:08} {}"}}"#, "x".repeat(80))).collect();
    let body = format!("[{}]", rows.join(","));
    let mut bytes = format!(
        "POST /rest/v1/planets HTTP/1.1\r\nhost: local\r\nconnection: close, x-mine\r\nx-mine: 1\r\napikey: {}\r\ncontent-type: application/json\r\nprefer: return=minimal, count=exact\r\ntransfer-encoding: chunked\r\nexpect: 100-continue\r\n\r\n",
        database.anon_key()
    )
    .into_bytes();
    for chunk in body.as_bytes().chunks(50_000) {
        bytes.extend(format!("{:x}\r\n", chunk.len()).into_bytes());
        bytes.extend(chunk);
        bytes.extend(b"\r\n");
    }
    bytes.extend(b"0\r\n\r\n");
    let answer = exchange(database.url(), &bytes).await;
    // The first head is that of `100 Continue`.
    let last = if answer.status == 100 { answer.body.as_str() } else { answer.head.as_str() };
    assert!(last.starts_with("HTTP/1.1 201"), "{answer:?}");
    assert!(last.contains("content-range: */20000"), "{answer:?}");
    assert!(last.contains("server-timing:"), "{answer:?}");

    let read =
        get(database.url(), database.anon_key(), "/rest/v1/planets?select=name&name=like.planet*&order=id").await;
    assert_eq!(read.status, 200);
    assert_eq!(read.json().as_array().unwrap().len(), 20_000);
    let head = request(
        database.url(),
        "HEAD",
        "/rest/v1/planets",
        &[("apikey", database.anon_key()), ("prefer", "count=exact")],
        "",
    )
    .await;
    assert_eq!((head.status, head.body.as_str()), (200, ""));
    assert_eq!(head.header("content-range"), Some("0-20007/20008"));
}
