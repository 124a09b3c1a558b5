//! The examples about users, run as programs against the local stack.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test may fail by panicking")]

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use supabase_core::Client;
use supabase_core::auth::{AdminUser, Credentials};
use supabase_local::{Database, Stack};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::net::TcpStream;
use tokio::process::{Child, ChildStdout, Command};

/// No wait is longer than this.
const BOUND: Duration = Duration::from_secs(60);

async fn within<T>(future: impl Future<Output = T>) -> T {
    tokio::time::timeout(BOUND, future).await.expect("it took longer than a minute")
}

/// Starts a program that ends with the test.
fn start(
    program: &str,
    arguments: &[&str],
    database: &Database,
    more: &[(&str, &str)],
) -> (Child, Lines<BufReader<ChildStdout>>) {
    let mut child = Command::new(program)
        .args(arguments)
        .envs(more.iter().copied())
        .env("SUPABASE_URL", database.url())
        .env("SUPABASE_ANON_KEY", database.anon_key())
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    (child, lines)
}

/// The next line that the program says.
async fn said(lines: &mut Lines<BufReader<ChildStdout>>) -> String {
    within(lines.next_line()).await.unwrap().expect("the program goes on")
}

/// One request: status, where it redirects to, and the body.
async fn ask(method: &str, url: &str, headers: &str, body: &str) -> (u16, Option<String>, String) {
    let (host, path) = url.strip_prefix("http://").unwrap().split_once('/').unwrap();
    let length = body.len();
    let request = format!(
        "{method} /{path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\ncontent-length: {length}\r\n{headers}\r\n{body}"
    );
    let mut answer = String::new();
    let mut stream = TcpStream::connect(host).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    within(stream.read_to_string(&mut answer)).await.unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    let location = head.lines().find_map(|line| line.strip_prefix("location: ")).map(str::to_owned);
    (status, location, body.to_owned())
}

#[tokio::test]
async fn a_command_line_program_signs_in_over_a_loopback_redirect() {
    let stack = Stack::start().await.unwrap();
    let database = stack.database().await.unwrap();
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("session-{}", std::process::id()));
    let store = [("SUPABASE_SESSION_FOLDER", folder.to_str().unwrap())];
    let program = env!("CARGO_BIN_EXE_auth");

    let (mut child, mut lines) = start(program, &["github"], &database, &store);
    let mut url = said(&mut lines).await.strip_prefix("open ").expect("a URL to open").to_owned();
    assert!(url.contains("code_challenge="), "{url}");
    // The browser goes where it is sent, until it is back at the program.
    let shown = loop {
        match ask("GET", &url, "", "").await {
            (_, Some(next), _) => url = next,
            (status, None, body) => break (status, body),
        }
    };
    assert_eq!(shown, (200, "You are signed in. You may close this page.".to_owned()));
    assert!(said(&mut lines).await.starts_with("signed in as user@github.example"));
    assert!(within(child.wait()).await.unwrap().success());

    // The second run finds the session in its folder and asks for no browser.
    let (mut child, mut lines) = start(program, &[], &database, &store);
    assert!(said(&mut lines).await.starts_with("signed in as user@github.example"));
    assert!(within(child.wait()).await.unwrap().success());

    let (mut child, mut lines) = start(program, &["sign-out"], &database, &store);
    assert_eq!(said(&mut lines).await, "signed out");
    assert!(within(child.wait()).await.unwrap().success());
    let left = database.sql("select count(*) from auth.sessions").await.unwrap();
    assert_eq!(left[0].get(0), Some("0"));
    let kept = std::fs::read_dir(&folder).unwrap().flatten().map(|entry| entry.file_name());
    assert!(kept.into_iter().all(|name| !name.to_string_lossy().ends_with(".json")), "a session is left behind");
    std::fs::remove_dir_all(&folder).unwrap();
}

/// A confirmed user's access token.
async fn token_of(database: &Database, email: &str) -> String {
    let admin = Client::new(database.url(), database.service_key()).unwrap().auth().admin();
    admin.create_user(AdminUser::new().email(email).password("secret-1").email_confirm(true)).await.unwrap();
    let client = Client::new(database.url(), database.anon_key()).unwrap();
    client.auth().sign_in_with_password(Credentials::email(email, "secret-1")).await.unwrap().access_token
}

#[tokio::test]
async fn a_server_acts_for_whoever_asks() {
    let migrations = Path::new(env!("CARGO_MANIFEST_DIR")).join("quickstart/migrations");
    let stack = Stack::builder().migrations(migrations).start().await.unwrap();
    let database = stack.database().await.unwrap();
    database.ready().await.unwrap();
    let (ada, bob) = (token_of(&database, "ada@example.com").await, token_of(&database, "bob@example.com").await);
    let (_server, mut lines) = start(env!("CARGO_BIN_EXE_server"), &[], &database, &[("LISTEN", "127.0.0.1:0")]);
    let url = said(&mut lines).await.strip_prefix("listening on ").unwrap().to_owned() + "/notes";
    let bearer = |token: &str| format!("authorization: Bearer {token}\r\n");

    let (status, _, id) = ask("POST", &url, &bearer(&ada), "Ada's").await;
    assert_eq!(status, 201, "{id}");
    assert_eq!(ask("POST", &url, &bearer(&bob), "Bob's").await.0, 201);
    let (status, _, notes) = ask("GET", &url, &bearer(&ada), "").await;
    assert_eq!((status, notes), (200, format!("[{{\"body\":\"Ada's\",\"id\":{id}}}]")));
    // The same by a cookie; and nobody deletes what is another's.
    let cookie = format!("cookie: theme=dark; access_token={bob}\r\n");
    assert_eq!(ask("DELETE", &format!("{url}/{id}"), &cookie, "").await.0, 204);
    let (_, _, notes) = ask("GET", &url, &cookie, "").await;
    assert!(notes.contains("Bob's") && !notes.contains("Ada's"), "{notes}");
    assert!(ask("GET", &url, &bearer(&ada), "").await.2.contains("Ada's"));
    // Without a token, and with one that nobody signed.
    assert_eq!(ask("GET", &url, "", "").await.0, 401);
    let (head, _) = ada.rsplit_once('.').unwrap();
    assert!(matches!(ask("GET", &url, &bearer(&format!("{head}.AAAA")), "").await.0, 401 | 403));
}
