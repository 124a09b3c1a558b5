//! The requests of tus-js-client for an upload of 13 MiB, and ours for the same upload.

use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::{Method, StatusCode};
use serde_json::{Value, json};
use supabase_core::transport::{Reply, Sent};

use super::super::Tally;
use super::{URL, client};

/// The recorded key holds a character that the server refuses, and so does our client.
const RECORDED_KEY: &str = "folder/ü a.png";
const KEY: &str = "folder/u a.png";

/// Makes the upload against the recorded answers.
pub async fn run(folder: &Path) -> Tally {
    let mut tally = Tally::default();
    let lines: Vec<Value> = super::super::lines(&folder.join("wire_tus.jsonl"));
    let replies = lines.iter().map(|line| {
        let reply = &line["response"];
        let status = StatusCode::from_u16(u16::try_from(reply["status"].as_u64().unwrap()).unwrap()).unwrap();
        let headers = reply["headers"].as_object().unwrap();
        headers.iter().fold(Reply::empty(status), |reply, (name, value)| reply.header(name, value.as_str().unwrap()))
    });
    let (client, recording) = client(replies.collect::<Vec<_>>());
    let body: Vec<u8> = (0..13 * 1024 * 1024_u32).map(|number| (number % 251) as u8).collect();
    let upload = client.storage().from("avatars").upload(KEY, body.clone());
    let uploaded = upload.content_type("image/png").metadata(&json!({"k": "v"})).upsert(true).await;
    match uploaded {
        Ok(uploaded) if uploaded.resumable && uploaded.size == body.len() as u64 => {}
        other => tally.failures.push(format!("the upload: {other:?}")),
    }
    let sent = recording.sent();
    if sent.len() != lines.len() {
        tally.failures.push(format!("{} requests instead of {}", sent.len(), lines.len()));
    }
    let mut equal = 0;
    for (at, (sent, line)) in sent.iter().zip(&lines).enumerate() {
        match difference(sent, line, &body) {
            None => equal += 1,
            Some(difference) => tally.failures.push(format!("request {}: {difference}", at + 1)),
        }
    }
    (tally.good, tally.all) = (equal, lines.len());
    tally.summary = format!("storage resumable requests: {equal} of {}", lines.len());
    tally
}

fn difference(sent: &Sent, line: &Value, body: &[u8]) -> Option<String> {
    let (method, path) = (line["method"].as_str().unwrap(), line["path"].as_str().unwrap());
    if sent.method.as_str() != method || sent.url != format!("{URL}{path}") {
        return Some(format!("{} {} instead of {method} {path}", sent.method, sent.url));
    }
    for (name, value) in line["headers"].as_object().unwrap() {
        let theirs = value.as_str().unwrap();
        let ours = sent.headers.get(name).map(|value| value.to_str().unwrap()).unwrap_or_default();
        let same = match name.as_str() {
            "apikey" | "authorization" => !ours.is_empty(),
            "content-length" => sent.body.len().to_string() == theirs,
            "upload-metadata" => ours == theirs.replace(&STANDARD.encode(RECORDED_KEY), &STANDARD.encode(KEY)),
            _ => ours == theirs,
        };
        if !same {
            return Some(format!("{name}: {ours:?} instead of {theirs:?}"));
        }
    }
    if sent.method == Method::PATCH {
        let offset: usize = sent.headers["upload-offset"].to_str().unwrap().parse().unwrap();
        if sent.body != body[offset..offset + sent.body.len()] {
            return Some("other bytes".to_owned());
        }
    }
    None
}
