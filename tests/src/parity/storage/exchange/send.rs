//! Recorded requests, sent as the bytes that they were.

use std::time::Duration;

use serde_json::Value;
use supabase_local::Database;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::body::bytes_of;
use super::placeholder::{Bound, fill};

/// What came back.
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: Vec<u8>,
}

impl Answer {
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

/// Sends the bytes of a request as they were; `None` when the client goes away before the answer.
pub(super) async fn exchange(database: &Database, line: &Value, bound: &Bound) -> Option<Answer> {
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
    Some(Answer { status, headers: headers.collect(), body: answer[at + 4..].to_vec() })
}
