//! The recorded flows, asked of the stand-in.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use supabase_local::{Database, Stack};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::names::Names;
use super::{Line, Request, recorded};
use crate::parity::Tally;

/// Flows and lines about what the stand-in has not, by the start of their id.
const LEFT_OUT: &[(&str, &str)] = &[
    ("custom-providers/", "providers of a project's own need the service that would send users to them"),
    ("id-tokens/", "tokens of other issuers are taken by their claims, unverified"),
    ("oauth-clients/", "the project as an OAuth server is not part of the stand-in"),
    ("passkeys/", "passkeys are not part of the stand-in"),
    ("web3/", "wallets are not part of the stand-in"),
    ("mfa-unverified/5", "WebAuthn factors are not part of the stand-in"),
    ("mfa-unverified/6", "the recorded server has no recovery codes yet; supabase-js has calls for them"),
    ("providers/9", "every provider that the service knows is enabled in the stand-in"),
    ("odds/1", "the stand-in names itself"),
    ("odds/2", "the stand-in has other providers"),
];

/// Where the stand-in's answers differ on purpose: the start of the id, the place, and why.
const DIFFERENT: &[(&str, &str, &str)] = &[
    ("admin-links/16", "/action_link", "the recorded `hashed_token` is not the link's and verifies nothing, a defect"),
    ("passwords/8", "/message", "each parser has its own words for what is no JSON"),
    ("one-time-phone/", "/message_id", "the recorded server sent by a hook, which has no ids; providers have"),
    ("resending/", "/message_id", "the recorded server sent by a hook, which has no ids; providers have"),
    ("mfa/37", "/claims/amr", "both methods are of one second, whose order means nothing"),
];

/// An answer: status, headers and body.
struct Reply {
    status: u16,
    headers: BTreeMap<String, String>,
    body: String,
}

impl Reply {
    fn json(&self) -> Value {
        if self.body.is_empty() {
            return Value::Null;
        }
        serde_json::from_str(&self.body).unwrap_or_else(|_| Value::String(self.body.clone()))
    }

    fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(String::as_str)
    }
}

/// One request on a connection of its own, whose end is the end of the answer.
async fn send(method: &str, url: &str, headers: &[(&str, String)], body: Option<String>) -> Reply {
    let (host, path) = url.trim_start_matches("http://").split_once('/').unwrap_or((url, ""));
    let mut text = format!("{method} /{path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n");
    for (name, value) in headers {
        text.push_str(&format!("{name}: {value}\r\n"));
    }
    let body = body.unwrap_or_default();
    text.push_str(&format!("content-length: {}\r\n\r\n{body}", body.len()));
    let mut stream = TcpStream::connect(host).await.expect("the stand-in listens");
    stream.write_all(text.as_bytes()).await.expect("the stand-in reads");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.expect("the stand-in answers");
    let (head, body) = answer.split_once("\r\n\r\n").expect("a whole head");
    let mut lines = head.lines();
    let status = lines.next().and_then(|line| line.split(' ').nth(1)?.parse().ok()).expect("a status");
    let headers = lines.filter_map(|line| line.split_once(':'));
    let headers = headers.map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned())).collect();
    Reply { status, headers, body: body.to_owned() }
}

async fn ask(database: &Database, request: &Request, names: &Names) -> Reply {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    for (name, text) in &request.query {
        query.append_pair(name, &names.fill(text));
    }
    let query = query.finish();
    let mark = if query.is_empty() { "" } else { "?" };
    let url = format!("{}/auth/v1{}{mark}{query}", database.url(), names.fill(&request.path));
    let mut headers = vec![("apikey", database.anon_key().to_owned())];
    if let Some(bearer) = &request.bearer {
        let token = match bearer.as_str() {
            "anon" => database.anon_key().to_owned(),
            "service" => database.service_key().to_owned(),
            "<expired>" => database.jwt_with(&json!({ "sub": "x", "role": "authenticated", "exp": 1_000_000_000 })),
            token => names.fill(token),
        };
        headers.push(("authorization", format!("Bearer {token}")));
    }
    if request.version {
        headers.push(("x-supabase-api-version", "2024-01-01".to_owned()));
    }
    let body = match (&request.raw, &request.body) {
        (Some(raw), _) => Some(raw.clone()),
        (None, Some(body)) => Some(names.fill_value(body).to_string()),
        (None, None) => None,
    };
    if body.is_some() {
        headers.push(("content-type", "application/json;charset=UTF-8".to_owned()));
    }
    send(&request.method, &url, &headers, body).await
}

/// Follows redirects as a browser does, to the application.
async fn browse(url: String) -> Result<String, String> {
    let mut url = url;
    for _ in 0..6 {
        if url.starts_with("http://app.test") || url.starts_with("http://localhost:3000") {
            return Ok(url);
        }
        let reply = send("GET", &url, &[], None).await;
        url = match reply.header("location") {
            Some(location) => location.to_owned(),
            None => return Err(format!("{} instead of a redirect from {url}: {}", reply.status, reply.json())),
        };
    }
    Err("too many redirects".to_owned())
}

/// The code of an authenticator app (RFC 6238), by the database's own HMAC.
///
/// # Panics
/// When the secret is not base32, or the database does not answer.
pub async fn totp(database: &Database, secret: &str) -> String {
    let mut bits = String::new();
    for letter in secret.bytes() {
        let value = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".iter().position(|known| *known == letter).expect("base32");
        bits.push_str(&format!("{value:05b}"));
    }
    let key: String = bits
        .as_bytes()
        .chunks_exact(8)
        .map(|byte| byte.iter().fold(0_u8, |value, bit| value << 1 | (bit - b'0')))
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).expect("a time after 1970");
    let counter = since.as_secs() / 30;
    let sql = format!("select encode(extensions.hmac('\\x{counter:016x}'::bytea, '\\x{key}'::bytea, 'sha1'), 'hex')");
    let rows = database.sql(sql).await.expect("the database's HMAC");
    let mac = rows[0].get(0).expect("a value").to_owned();
    let byte = |at: usize| u32::from_str_radix(&mac[at * 2..at * 2 + 2], 16).expect("hex");
    let offset = (byte(19) & 15) as usize;
    let number = (byte(offset) & 0x7f) << 24 | byte(offset + 1) << 16 | byte(offset + 2) << 8 | byte(offset + 3);
    format!("{:06}", number % 1_000_000)
}

/// What a token claims.
fn claims(token: &str) -> Value {
    let middle = token.split('.').nth(1).and_then(|part| URL_SAFE_NO_PAD.decode(part).ok());
    middle.and_then(|part| serde_json::from_slice(&part).ok()).unwrap_or_default()
}

/// How the stand-in differs on one line.
async fn compare(database: &Database, line: &Line, names: &mut Names) -> Vec<String> {
    let mut out = Vec::new();
    if let Some(request) = &line.request {
        let reply = ask(database, request, names).await;
        let (actual, sent) = (reply.json(), line.headers.clone());
        if reply.status != line.status {
            out.push(format!("status: {} instead of {}: {actual}", reply.status, line.status));
            return out;
        }
        for name in ["content-type", "x-supabase-api-version", "location", "x-total-count", "link"] {
            match (sent.get(name), reply.header(name)) {
                (None, None) => {}
                (Some(expected), Some(actual)) if names.matches(expected, actual) => {}
                (expected, actual) => out.push(format!("{name}: {actual:?} instead of {expected:?}")),
            }
        }
        names.differences("", &line.answer, &actual, &mut out);
        if let Some(expected) = &line.claims {
            names.differences(
                "/claims",
                expected,
                &claims(actual["access_token"].as_str().unwrap_or_default()),
                &mut out,
            );
        }
    }
    if let (Some(url), Some(lands)) = (&line.browse, &line.lands) {
        match browse(names.fill(url)).await {
            Ok(landed) if names.matches(lands, &landed) => {}
            Ok(landed) => out.push(format!("lands: {landed} instead of {lands}")),
            Err(why) => out.push(format!("lands: {why}")),
        }
    }
    if let Some(message) = &line.message {
        match database.last_message(&message.to) {
            None => out.push(format!("no message went to {}", message.to)),
            Some(sent) => {
                if message.kind != "sms" && sent.kind != message.kind {
                    out.push(format!("kind: {} instead of {}", sent.kind, message.kind));
                }
                names.bind(&message.token, sent.token);
                if let Some(hash) = &message.hash {
                    names.bind(hash, sent.token_hash);
                }
            }
        }
    }
    if let (Some(secret), Some(code)) = (&line.totp, &line.code) {
        names.bind(code, totp(database, &names.fill(secret)).await);
    }
    if let Some(seconds) = line.wait {
        tokio::time::sleep(Duration::from_secs(seconds)).await;
    }
    out
}

/// Asks the stand-in what the recorded server was asked, in a database of its own.
///
/// # Panics
/// When there is no database to ask.
pub async fn run(folder: &Path) -> Tally {
    let stack = Stack::start().await.unwrap_or_else(|error| panic!("{error}"));
    let began = Instant::now();
    let database = stack.database().await.expect("a database");
    database.configure_auth(|settings| {
        settings.reuse_interval = 1;
        settings.redirect_allow_list = vec!["http://app.test".to_owned(), "http://app.test/**".to_owned()];
    });
    let mut tally = Tally::default();
    let mut flows: BTreeMap<String, Names> = BTreeMap::new();
    let mut left: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    let mut used = BTreeSet::new();
    let (mut same, mut ran) = (0, 0);
    let lines = recorded(folder);
    for line in &lines {
        if let Some((_, why)) = LEFT_OUT.iter().find(|(start, _)| line.id.starts_with(start)) {
            if line.is_exchange() {
                left.entry(why).or_default().push(&line.id);
            }
            continue;
        }
        let names = flows.entry(line.flow().to_owned()).or_insert_with(|| {
            let mut names = Names::default();
            names.bind("<server>", database.url());
            names
        });
        ran += usize::from(line.is_exchange());
        let mut differences = compare(&database, line, names).await;
        differences.retain(|difference| {
            let known =
                DIFFERENT.iter().position(|(id, part, _)| line.id.starts_with(id) && difference.starts_with(part));
            if let Some(at) = known {
                used.insert(at);
                tally.notes.push(format!("{}: {difference}: {}", line.id, DIFFERENT[at].2));
            }
            known.is_none()
        });
        if differences.is_empty() {
            same += usize::from(line.is_exchange());
        } else {
            tally.failures.push(format!("{}: {}", line.id, differences.join("; ")));
        }
    }
    let stale = DIFFERENT.iter().enumerate().filter(|(at, _)| !used.contains(at));
    tally.failures.extend(stale.map(|(_, (id, part, _))| format!("{id} {part}: this difference does not occur")));
    for (why, ids) in &left {
        tally.notes.push(format!("left out, {why} ({}): {}", ids.len(), ids.join(", ")));
    }
    (tally.good, tally.all) = (same, ran);
    tally.summary = format!(
        "auth exchanges: {same} of {ran} ({} left out) in {:.1} s",
        left.values().map(Vec::len).sum::<usize>(),
        began.elapsed().as_secs_f32()
    );
    drop(database);
    stack.stop().await.unwrap_or_else(|error| panic!("{error}"));
    tally
}
