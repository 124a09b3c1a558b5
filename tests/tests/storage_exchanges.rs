//! Exchanges recorded with a real storage server, replayed against the local stack.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

use std::collections::BTreeMap;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use supabase_local::{Database, Stack};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

/// What the recorded server's database has beyond the prelude.
const POLICIES: &str = "
create policy rec_buckets_read on storage.buckets for select to authenticated using (id like 'user-%');
create policy rec_own_read on storage.objects for select to authenticated
  using (bucket_id like 'user-%' and (storage.foldername(name))[1] = auth.uid()::text);
create policy rec_own_insert on storage.objects for insert to authenticated
  with check (bucket_id like 'user-%' and (storage.foldername(name))[1] = auth.uid()::text);
create policy rec_own_update on storage.objects for update to authenticated
  using (bucket_id like 'user-%' and (storage.foldername(name))[1] = auth.uid()::text)
  with check (bucket_id like 'user-%' and (storage.foldername(name))[1] = auth.uid()::text);
create policy rec_own_delete on storage.objects for delete to authenticated
  using (bucket_id like 'user-%' and (storage.foldername(name))[1] = auth.uid()::text);
create policy rec_drop_insert on storage.objects for insert to authenticated with check (bucket_id like 'drop-%');
create policy rec_anon_read on storage.objects for select to anon, authenticated using (bucket_id like 'anonread-%');
";

/// Lines about what the local stack has not, by the start of their id, with the reason.
const LEFT_OUT: &[(&str, &str)] = &[
    ("s3backend-", "the S3 backend of the recorded server; the local stack keeps files"),
    ("list-v1/26", "a folder is missing from the recorded answer, which is a defect"),
    ("keys-long/07", "lists what keys-long/04 stored"),
    ("keys-long/04", "a file per key cannot have a name of over 255 bytes there; here files are named by version"),
];

fn now() -> u64 {
    std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_secs()
}

/// The tokens that stand for the recorded identities.
fn identities(database: &Database) -> BTreeMap<String, String> {
    let alice = "11111111-1111-4111-8111-111111111111";
    let user = |claims: Value| database.jwt_with(&claims);
    let forged = {
        let token = user(json!({"role": "service_role", "exp": now() + 3600}));
        let (signed, _) = token.rsplit_once('.').unwrap();
        format!("{signed}.{}", "A".repeat(43))
    };
    let plain = |text: &str| base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(text);
    let none = format!("{}.{}.", plain(r#"{"alg":"none","typ":"JWT"}"#), plain(r#"{"role":"service_role"}"#));
    [
        ("anon", database.anon_key().to_owned()),
        ("service_role", database.service_key().to_owned()),
        ("alice", database.jwt_for(alice, "authenticated")),
        ("bob", database.jwt_for("22222222-2222-4222-8222-222222222222", "authenticated")),
        ("expired", user(json!({"role": "authenticated", "sub": alice, "exp": now() - 3600}))),
        ("not_yet_valid", user(json!({"role": "authenticated", "sub": alice, "nbf": now() + 30 * 86400}))),
        ("wrong_secret", forged),
        ("alg_none", none),
        ("unknown_role", user(json!({"role": "no_such_role", "exp": now() + 3600}))),
        ("no_role", user(json!({"sub": alice, "exp": now() + 3600}))),
        ("garbage", "not-a-jwt".to_owned()),
        ("sb_publishable", "sb_publishable_madeupmadeupmadeupma_abcdefgh".to_owned()),
    ]
    .map(|(name, token)| (format!("<JWT:{name}>"), token))
    .into()
}

fn pattern(spec: &Value) -> Vec<u8> {
    let number = |name: &str| spec[name].as_u64().unwrap_or(0);
    let (length, seed, from) = (number("length"), number("pattern_seed"), number("from"));
    (from..from + length)
        .map(|position| {
            let at = position % 65536;
            ((at * 131 + (at >> 8) * 17 + seed) % 256) as u8
        })
        .collect()
}

/// The bytes of a body, and how much of a text was bound by placeholders.
fn bytes_of(body: &Value, boundary: Option<&str>, bound: &BTreeMap<String, String>) -> Vec<u8> {
    if let Some(json) = body.get("json") {
        return fill(&json.to_string(), bound).into_bytes();
    }
    if let Some(text) = body["text"].as_str() {
        return fill(text, bound).into_bytes();
    }
    if let Some(text) = body["base64"].as_str() {
        return STANDARD.decode(text).unwrap();
    }
    if body.get("bytes").is_some() {
        return pattern(&body["bytes"]);
    }
    if let Some(parts) = body["multipart"].as_array() {
        let boundary = boundary.unwrap();
        let mut out = Vec::new();
        for part in parts {
            out.extend(
                format!("--{boundary}\r\nContent-Disposition: form-data; name=\"{}\"", part["name"].as_str().unwrap())
                    .into_bytes(),
            );
            if let Some(name) = part["filename"].as_str() {
                out.extend(format!("; filename=\"{name}\"").into_bytes());
            }
            if let Some(kind) = part["content_type"].as_str() {
                out.extend(format!("\r\nContent-Type: {kind}").into_bytes());
            }
            out.extend(b"\r\n\r\n");
            out.extend(bytes_of(part, None, bound));
            out.extend(b"\r\n");
        }
        out.extend(format!("--{boundary}--\r\n").into_bytes());
        return out;
    }
    Vec::new()
}

fn fill(text: &str, bound: &BTreeMap<String, String>) -> String {
    if let Some(at) = text.find(" with its last 4 char") {
        // A token that somebody has changed.
        let from = text[..at].rfind('<').unwrap();
        let to = at + text[at..].find('>').unwrap() + 1;
        let token = &bound[&format!("{}>", &text[from..at])];
        let changed = format!("{}{}", &token[..token.len() - 4], if token.ends_with("AAAA") { "BBBB" } else { "AAAA" });
        return format!("{}{changed}{}", &text[..from], fill(&text[to..], bound));
    }
    bound.iter().fold(text.to_owned(), |text, (name, value)| text.replace(name, value))
}

struct Reply {
    status: u16,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

impl Reply {
    fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

/// Sends the bytes of a request as they were; `None` when the client goes away before the answer.
async fn exchange(database: &Database, line: &Value, bound: &BTreeMap<String, String>) -> Option<Reply> {
    let request = &line["request"];
    let host = database.url().strip_prefix("http://").unwrap();
    let method = request["method"].as_str().unwrap();
    let query = request["query"].as_str().unwrap_or_default();
    let target = format!("{}{}{query}", request["path"].as_str().unwrap(), if query.is_empty() { "" } else { "?" });
    let mut head = format!("{method} {} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n", fill(&target, bound));
    let (mut chunked, mut announced, mut boundary) = (false, None, None);
    for (name, value) in request["headers"].as_object().unwrap() {
        let value = fill(value.as_str().unwrap(), bound);
        match name.to_ascii_lowercase().as_str() {
            "transfer-encoding" => chunked = true,
            "content-length" => announced = Some(value.clone()),
            "content-type" => boundary = value.split("boundary=").nth(1).map(str::to_owned),
            _ => {}
        }
        if !name.eq_ignore_ascii_case("content-length") {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
    }
    let body = bytes_of(&request["body"], boundary.as_deref(), bound);
    if !chunked && (!body.is_empty() || matches!(method, "POST" | "PUT" | "PATCH")) {
        head.push_str(&format!("Content-Length: {}\r\n", announced.unwrap_or_else(|| body.len().to_string())));
    }
    head.push_str("\r\n");
    let mut stream = tokio::net::TcpStream::connect(host).await.unwrap();
    stream.write_all(head.as_bytes()).await.unwrap();
    if chunked {
        stream.write_all(format!("{:x}\r\n", body.len()).as_bytes()).await.unwrap();
        stream.write_all(&body).await.unwrap();
        stream.write_all(b"\r\n0\r\n\r\n").await.unwrap();
    } else {
        // A server that refuses early may close before it has read everything.
        let _ = stream.write_all(&body).await;
    }
    if line["response"].is_null() {
        tokio::time::sleep(Duration::from_millis(300)).await;
        return None;
    }
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer).await;
    let at = answer
        .windows(4)
        .position(|window| window == b"\r\n\r\n")
        .unwrap_or_else(|| panic!("{}: no answer", line["id"]));
    let head = String::from_utf8_lossy(&answer[..at]).into_owned();
    let mut lines = head.lines();
    let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
    let headers = lines
        .map(|line| line.split_once(':').unwrap())
        .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()));
    Some(Reply { status, headers: headers.collect(), body: answer[at + 4..].to_vec() })
}

/// Binds placeholders of an expected text to what came; `false` when the rest differs.
fn bind(expected: &str, actual: &str, bound: &mut BTreeMap<String, String>) -> bool {
    let expected = fill(expected, bound);
    let Some(from) = expected.find('<').filter(|from| expected[*from..].contains(':')) else {
        return expected == actual;
    };
    let Some(to) = expected[from..].find('>').map(|to| from + to + 1) else { return expected == actual };
    let (before, name, after) = (&expected[..from], &expected[from..to], &expected[to..]);
    let Some(rest) = actual.strip_prefix(before) else { return false };
    let end =
        if after.is_empty() { rest.len() } else { rest.find(after.split('<').next().unwrap()).unwrap_or(rest.len()) };
    bound.insert(name.to_owned(), rest[..end].to_owned());
    bind(&expected, actual, bound)
}

/// The first difference between JSON values, placeholders bound and volatile values skipped.
fn differs(
    at: &str,
    expected: &Value,
    actual: &Value,
    volatile: &[String],
    unordered: &[String],
    bound: &mut BTreeMap<String, String>,
) -> Option<String> {
    if volatile.iter().any(|pointer| pointer == at) {
        // Placeholders in it are still bound.
        if let (Value::String(expected), Value::String(actual)) = (expected, actual) {
            bind(expected, actual, bound);
        }
        return (expected.is_null() != actual.is_null()).then(|| format!("{at}: {actual} instead of {expected}"));
    }
    match (expected, actual) {
        (Value::Object(expected), Value::Object(actual)) => {
            if let Some(name) = expected.keys().find(|name| !actual.contains_key(*name)) {
                return Some(format!("{at}: no `{name}`"));
            }
            if let Some(name) = actual.keys().find(|name| !expected.contains_key(*name)) {
                return Some(format!("{at}: `{name}` is too much"));
            }
            expected.iter().find_map(|(name, value)| {
                differs(&format!("{at}/{name}"), value, &actual[name], volatile, unordered, bound)
            })
        }
        (Value::Array(expected), Value::Array(actual)) => {
            if expected.len() != actual.len() {
                return Some(format!("{at}: {} items instead of {}", actual.len(), expected.len()));
            }
            let mut actual = actual.clone();
            let mut expected = expected.clone();
            if unordered.iter().any(|pointer| pointer == at) {
                let name = |value: &Value| value["name"].as_str().unwrap_or_default().to_owned();
                actual.sort_by_key(name);
                expected.sort_by_key(name);
            }
            expected.iter().zip(&actual).enumerate().find_map(|(index, (expected, actual))| {
                differs(&format!("{at}/{index}"), expected, actual, volatile, unordered, bound)
            })
        }
        (Value::String(expected), Value::String(actual)) => {
            (!bind(expected, actual, bound)).then(|| format!("{at}: {actual:?} instead of {expected:?}"))
        }
        _ => (expected != actual).then(|| format!("{at}: {actual} instead of {expected}")),
    }
}

fn texts(value: &Value) -> Vec<String> {
    value
        .as_array()
        .map(|items| items.iter().filter_map(Value::as_str).map(str::to_owned).collect())
        .unwrap_or_default()
}

/// Long lists are recorded by their names.
fn shortened(kind: &str, actual: &Value) -> Value {
    let names = |rows: &Value| {
        rows.as_array().map(|rows| rows.iter().map(|row| row["name"].clone()).collect::<Vec<_>>()).unwrap_or_default()
    };
    if kind == "json_list" {
        let names = names(actual);
        json!({ "length": names.len(), "names": names })
    } else {
        json!({ "hasNext": actual["hasNext"], "folders": names(&actual["folders"]).len(), "names": names(&actual["objects"]) })
    }
}

fn compare(line: &Value, reply: &Reply, bound: &mut BTreeMap<String, String>) -> Option<String> {
    let response = &line["response"];
    let text = String::from_utf8_lossy(&reply.body).into_owned();
    if response["status"] != reply.status {
        return Some(format!(
            "status {} instead of {}: {}",
            reply.status,
            response["status"],
            text.chars().take(160).collect::<String>()
        ));
    }
    let volatile = texts(&line["volatile"]);
    let unordered: Vec<String> = texts(&line["extra"]["unordered"]);
    let mut wrong = None;
    for (name, expected) in response["headers"].as_object().unwrap() {
        let name = name.to_ascii_lowercase();
        let expected = match expected {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        // The length follows from the body, whose times and tokens may be longer or shorter.
        // And hyper says none where there is never a body.
        if name == "content-length" && (response["body"].get("json").is_some() || reply.status == 304)
            || name.starts_with("access-control-")
        {
            continue;
        }
        let is_volatile = volatile.contains(&format!("/headers/{name}"));
        match reply.header(&name) {
            None => wrong = wrong.or(Some(format!("no header {name}"))),
            Some(actual) => {
                let same = bind(&expected, actual, bound);
                if !same && !is_volatile {
                    wrong = wrong.or(Some(format!("header {name}: {actual:?} instead of {expected:?}")));
                }
            }
        }
    }
    let body = &response["body"];
    let found = if body.is_null() {
        (!reply.body.is_empty()).then(|| format!("a body: {text}"))
    } else if let Some(expected) = body.get("json") {
        match serde_json::from_str::<Value>(&text) {
            Ok(actual) => differs("/body/json", expected, &actual, &volatile, &unordered, bound),
            Err(_) => Some(format!("no JSON: {text}")),
        }
    } else if let Some((kind, expected)) =
        body.as_object().and_then(|body| body.iter().find(|(kind, _)| kind.starts_with("json_list")))
    {
        let actual: Value = serde_json::from_str(&text).unwrap();
        if let Some(cursor) = actual["nextCursor"].as_str() {
            let next = (1..).map(|number| format!("<CURSOR:{number}>")).find(|name| !bound.contains_key(name)).unwrap();
            bound.insert(next, cursor.to_owned());
        }
        let actual = shortened(kind, &actual);
        actual.as_object().unwrap().iter().find_map(|(name, value)| {
            let expected = expected.get(name)?;
            (expected != value).then(|| format!("{name}: {value} instead of {expected}"))
        })
    } else if let Some(expected) = body["text"].as_str() {
        (!bind(expected, &text, bound)).then(|| format!("text {text:?} instead of {expected:?}"))
    } else if body.get("bytes").is_some() && body["bytes"].get("pattern_seed").is_some() {
        (pattern(&body["bytes"]) != reply.body).then(|| "other bytes".to_owned())
    } else if let Some(length) = body["bytes"]["length"].as_u64() {
        (length != reply.body.len() as u64).then(|| format!("{} bytes instead of {length}", reply.body.len()))
    } else {
        None
    };
    wrong.or(found)
}

#[tokio::test(flavor = "multi_thread")]
async fn recorded_exchanges_are_answered_alike() {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("vectors/storage/exchanges.jsonl");
    let lines: Vec<Value> =
        std::fs::read_to_string(path).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let stack = Stack::builder().sql(POLICIES).start().await.unwrap();
    let mut scenarios: Vec<(String, Vec<&Value>)> = Vec::new();
    for line in &lines {
        let name = line["scenario"].as_str().unwrap();
        match scenarios.last_mut() {
            Some((known, lines)) if known == name => lines.push(line),
            _ => scenarios.push((name.to_owned(), vec![line])),
        }
    }
    let only = std::env::var("SCENARIO").unwrap_or_default();
    let (mut equal, mut left_out, mut wrong) = (0, 0, Vec::new());
    for (name, lines) in scenarios.iter().filter(|(name, _)| name.contains(&only)) {
        if let Some((_, reason)) = LEFT_OUT.iter().find(|(prefix, _)| name.starts_with(prefix)) {
            left_out += lines.len();
            println!("left out: {name} ({} lines): {reason}", lines.len());
            continue;
        }
        let database = stack.database().await.unwrap();
        let mut bound = identities(&database);
        bound.insert("<HOST>".to_owned(), database.url().strip_prefix("http://").unwrap().to_owned());
        for line in lines {
            let id = line["id"].as_str().unwrap();
            if let Some(wait) = line["extra"]["wait_before_s"].as_f64() {
                tokio::time::sleep(Duration::from_secs_f64(wait)).await;
            }
            if let Some(claims) = line["extra"]["token_claims"].as_object() {
                // The tester makes this token; its name stands in the query.
                let query = line["request"]["query"].as_str().unwrap();
                let name = query[query.find('<').unwrap()..=query.find('>').unwrap()].to_owned();
                let mut claims = Value::Object(claims.clone());
                let (from, until) =
                    if name.contains("EXPIRED") { (now() - 100, now() - 40) } else { (now(), now() + 600) };
                claims["iat"] = json!(from);
                claims["exp"] = json!(until);
                bound.insert(name, database.jwt_with(&claims));
            }
            let reply = exchange(&database, line, &bound).await;
            if line["extra"]["unrecorded_setup"].as_str().is_some_and(|setup| setup.contains("fNNN.txt")) {
                for number in 0..130 {
                    let upload = json!({
                        "request": {
                            "method": "POST", "path": format!("/storage/v1/object/b/f{number:03}.txt"), "query": "",
                            "headers": { "Authorization": "Bearer <JWT:service_role>", "Content-Type": "text/plain" },
                            "body": { "text": "x" },
                        },
                        "response": {},
                    });
                    assert_eq!(exchange(&database, &upload, &bound).await.unwrap().status, 200);
                }
            }
            let difference = reply.and_then(|reply| compare(line, &reply, &mut bound));
            match (difference, LEFT_OUT.iter().find(|(prefix, _)| id.starts_with(prefix))) {
                (_, Some((_, reason))) => {
                    left_out += 1;
                    println!("left out: {id}: {reason}");
                }
                (None, None) => equal += 1,
                (Some(difference), None) => {
                    let note = line["note"].as_str().unwrap_or_default();
                    wrong.push(format!("{id} ({note}): {difference}"));
                }
            }
        }
        database.stop().await.unwrap();
    }
    println!("storage exchanges: {equal} of {} ({left_out} left out)", equal + wrong.len());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
