//! The storage service: what the official clients sent and were answered, and what a real server answered.
//!
//! - [`wire`]: every recorded request of the official clients, made on our client.
//! - [`tus`]: the requests of a TUS client that we did not write, for the same upload.
//! - [`errors`]: answers that say no, and what they mean here.
//! - [`exchange`]: the exchanges recorded with a real server, byte by byte against the local stack.
//! - [`through`]: the same exchanges through our client, where it has a call for them.

pub mod errors;
pub mod exchange;
pub mod through;
pub mod tus;
pub mod wire;

use std::sync::Arc;

use serde_json::Value;
use supabase_core::Client;
use supabase_core::transport::{Recording, Reply, RetryPolicy};

const URL: &str = "https://example.supabase.co";

/// A client that sends to a recording and never waits.
fn client(replies: impl IntoIterator<Item = Reply>) -> (Client, Recording) {
    let recording = Recording::new(replies);
    let retry = RetryPolicy::default().sleep(Arc::new(|_| Box::pin(async {})));
    (Client::builder(URL, "the-key").transport(recording.clone()).retry(retry).build().unwrap(), recording)
}

/// The lines of a file that are about storage.
fn lines(folder: &std::path::Path, file: &str) -> Vec<Value> {
    let all: Vec<Value> = super::lines(&folder.join(file));
    all.into_iter().filter(|line| line["group"].as_str().is_some_and(|group| group.starts_with("storage."))).collect()
}

/// Percent-decodes, in queries with `+` for a blank.
fn decode(text: &str, plus: bool) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let escaped = text.get(at + 1..at + 3).filter(|_| bytes[at] == b'%');
        match escaped.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            Some(byte) => {
                out.push(byte);
                at += 3;
            }
            None => {
                out.push(if plus && bytes[at] == b'+' { b' ' } else { bytes[at] });
                at += 1;
            }
        }
    }
    String::from_utf8(out).unwrap()
}

/// The decoded pairs of a query.
fn pairs(query: &str) -> Vec<(String, String)> {
    query
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .map(|(name, value)| (decode(name, true), decode(value, true)))
        .collect()
}

/// Path and query of a target.
fn split(target: &str) -> (&str, &str) {
    target.split_once('?').unwrap_or((target, ""))
}
