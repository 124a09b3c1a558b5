//! The recorded broadcasts over HTTP, and the recorded conversations over the socket.

mod conversation;
mod effect;
mod frame;
mod memory;

use std::path::Path;
use std::time::Duration;

use http::StatusCode;
use serde_json::{Value, json};
use supabase_core::transport::{Recording, Reply, RetryPolicy};
use supabase_core::{Client, Result};

use super::Tally;
use super::wire::client;

pub use conversation::run as conversations;

const QUERY: &str = "supabase-js repeats the key and the version of its socket in the query of an HTTP request, where \
                     logs keep them; the service reads neither there";

/// A recorded call, made with our client; nothing for one that is not known.
async fn call(client: &Client, text: &str) -> Option<Result<()>> {
    let room = client.channel("room 1").private(true);
    let payload = json!({ "x": 1 });
    Some(match text {
        "ch.httpSend('my event',{x:1})" => room.http_broadcast("my event").json(&payload).await,
        "ch.httpSend('e',{x:1},{persist:{ttl:60}})" => {
            room.http_broadcast("e").json(&payload).persist(Duration::from_secs(60)).await
        }
        "ch.send({type:'broadcast',event:'e',payload:{x:1}})" => {
            client.realtime().broadcast().private_message("room 1", "e", &payload).await
        }
        _ => return None,
    })
}

/// Replays the broadcasts over HTTP.
pub async fn run(folder: &Path) -> Tally {
    let mut tally = Tally::default();
    let lines: Vec<Value> = super::lines(&folder.join("wire_js.jsonl"));
    let lines: Vec<Value> = lines.into_iter().filter(|line| line["group"] == "realtime.http").collect();
    for line in &lines {
        let name = format!("js realtime.http {}", line["call"].as_str().unwrap_or_default());
        let recording = Recording::new([Reply::empty(StatusCode::ACCEPTED)]);
        let done = call(&client(&recording, RetryPolicy::none()), line["call"].as_str().unwrap_or_default()).await;
        let sent = recording.sent();
        let (Some(Ok(())), [sent]) = (&done, &sent[..]) else {
            tally.failures.push(format!("{name}: {done:?} after {} requests", sent.len()));
            continue;
        };
        let url = url::Url::parse(&sent.url).expect("what was sent has a URL");
        let params: Vec<(String, String)> = url.query_pairs().into_owned().collect();
        let mut theirs: Vec<(String, String)> = serde_json::from_value(line["params"].clone()).unwrap_or_default();
        theirs.retain(|(name, _)| !matches!(name.as_str(), "apikey" | "vsn"));
        let header = |name: &str| sent.headers.get(name).and_then(|value| value.to_str().ok());
        let headers = ["apikey", "authorization", "content-type"];
        let ours = json!([
            sent.method.as_str(),
            url.path(),
            params,
            headers.map(header),
            serde_json::from_slice::<Value>(&sent.body).unwrap_or_default()
        ]);
        let theirs = json!([
            line["method"],
            line["path"],
            theirs,
            headers.map(|name| line["headers"][name].clone()),
            line["body"]["json"]
        ]);
        if ours == theirs {
            tally.good += 1;
            tally.notes.push(format!("{name}: {QUERY}"));
        } else {
            tally.failures.push(format!("{name}: theirs {theirs}, ours {ours}"));
        }
    }
    tally.all = lines.len();
    tally.summary =
        format!("realtime over HTTP: {} of {} (0 equal, {} differ for a reason)", tally.good, tally.all, tally.good);
    tally
}
