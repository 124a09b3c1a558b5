//! The recorded requests of the official clients, made on our client.

pub(crate) mod form;
mod objects;
mod service;

use std::path::Path;

use http::StatusCode;
use serde_json::{Value, json};
use supabase_core::Result;
use supabase_core::storage::Storage;
use supabase_core::transport::{Recording, Reply};

use super::super::Tally;
use super::super::divergence::{Divergences, reasons};
use super::{URL, client, decode, pairs, split};

/// What a call gives that makes no request: a URL. Otherwise nothing.
type Done = Result<Option<String>>;

fn done<T>(result: Result<T>) -> Done {
    result.map(|_| None)
}

/// Makes the call that a line names. Answers are none of this, so most calls end in an error of reading them.
async fn perform(call: &str, storage: &Storage) -> Option<Done> {
    let call = call.strip_prefix("supabase.storage.")?;
    match call.strip_prefix("from_('avatars').").or_else(|| call.strip_prefix("from('avatars').")) {
        Some(call) => objects::perform(call, &storage.from("avatars")).await,
        None => service::perform(call, storage).await,
    }
}

/// JSON texts in fields, and numbers that supabase-py writes as text, by their meaning.
fn meaning(value: &Value) -> Value {
    match value {
        Value::Object(fields) => fields
            .iter()
            .map(|(name, value)| match (name.as_str(), value) {
                ("expiresIn", Value::String(text)) => (name.clone(), text.parse::<u64>().unwrap().into()),
                (_, value) => (name.clone(), meaning(value)),
            })
            .collect::<serde_json::Map<_, _>>()
            .into(),
        Value::Array(items) => items.iter().map(meaning).collect(),
        // f32 on its way through f64.
        Value::Number(number) if number.is_f64() => json!((number.as_f64().unwrap() * 1e6).round() / 1e6),
        other => other.clone(),
    }
}

/// Every part of a request that is another one than theirs, as `part: ours instead of theirs`.
fn differences(line: &Value, recording: &Recording, result: &Done) -> Vec<String> {
    let mut found = Vec::new();
    let mut compare = |what: &str, ours: String, theirs: String| {
        if ours != theirs {
            found.push(format!("{what}: {ours} instead of {theirs}"));
        }
    };
    let sent = recording.sent();
    // The order of the pairs means nothing to this service.
    let sorted = |mut pairs: Vec<(String, String)>| {
        pairs.sort();
        format!("{pairs:?}")
    };
    if line["method"].is_null() {
        let words = |error: &supabase_core::Error| error.to_string().replace("; ", ", ");
        let ours = result.as_ref().map_or_else(words, |url| url.clone().unwrap_or_default());
        let theirs = line["result"]["data"]["publicUrl"].as_str().or_else(|| line["result"].as_str());
        let theirs = theirs.unwrap_or_default().replace("<URL>", URL);
        let (ours, theirs) = (split(&ours), split(&theirs));
        compare("url", decode(ours.0, false), decode(theirs.0, false));
        compare("query", sorted(pairs(ours.1)), sorted(pairs(theirs.1)));
        compare("requests", sent.len().to_string(), "0".into());
        return found;
    }
    let [sent] = sent.as_slice() else {
        let why = result.as_ref().err().map(|error| error.to_string().replace("; ", ", ")).unwrap_or_default();
        found.push(format!("requests: {} instead of 1: {why}", sent.len()));
        return found;
    };
    compare("method", sent.method.to_string(), line["method"].as_str().unwrap().to_owned());
    let (path, query) = split(sent.url.strip_prefix(URL).unwrap());
    compare("path", decode(path, false), decode(line["path"].as_str().unwrap(), false));
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let theirs =
        line["params"].as_array().map(|pairs| pairs.iter().map(|pair| (text(&pair[0]), text(&pair[1]))).collect());
    compare("query", sorted(pairs(query)), sorted(theirs.unwrap_or_default()));
    let mut names: Vec<String> = line["headers"].as_object().unwrap().keys().cloned().collect();
    for name in ["x-upsert", "cache-control", "content-type", "x-metadata", "apikey", "authorization"] {
        if !names.iter().any(|known| known == name) {
            names.push(name.to_owned());
        }
    }
    for name in names {
        let ours = sent.headers.get(name.as_str()).map(|value| value.to_str().unwrap().to_owned()).unwrap_or_default();
        let theirs = line["headers"][&name].as_str().unwrap_or_default().to_owned();
        match name.as_str() {
            "apikey" | "authorization" => {
                compare(&name, (!ours.is_empty()).to_string(), (!theirs.is_empty()).to_string())
            }
            // About the program that sends, not about what is asked for.
            "x-client-info" | "accept" | "accept-encoding" | "user-agent" | "connection" | "host"
            | "content-length" => {}
            "content-type" if theirs.starts_with("multipart/") => {
                compare(&name, ours.starts_with("multipart/form-data; boundary=").to_string(), "true".into());
            }
            _ => compare(&name, ours, theirs),
        }
    }
    let body = &line["body"];
    if let Some(json) = body.get("json") {
        let ours: Value = serde_json::from_slice(&sent.body).unwrap_or(Value::Null);
        compare("body", meaning(&ours).to_string(), meaning(json).to_string());
    } else if let Some(text) = body.get("text") {
        compare("body", String::from_utf8_lossy(&sent.body).into_owned(), text.as_str().unwrap().to_owned());
    } else if let Some(parts) = body.get("multipart") {
        let content_type = sent.headers["content-type"].to_str().unwrap();
        compare("body", form::normal(form::sent(&sent.body, content_type)), form::normal(form::recorded(parts)));
    } else {
        compare("body", String::from_utf8_lossy(&sent.body).into_owned(), String::new());
    }
    found
}

/// Replays the storage groups of both files.
pub async fn run(folder: &Path) -> Tally {
    let divergences = Divergences::read();
    let mut tally = Tally::default();
    let mut unused: std::collections::BTreeSet<usize> = (0..divergences.storage.len()).collect();
    let (mut equal, mut diverging, mut all) = (0, 0, 0);
    for language in ["py", "js"] {
        let lines = super::lines(folder, &format!("wire_{language}.jsonl"));
        for line in &lines {
            all += 1;
            let call = line["call"].as_str().unwrap();
            let (client, recording) = client([Reply::json(StatusCode::OK, "{}")]);
            let Some(result) = perform(call, &client.storage()).await else {
                tally.failures.push(format!("{language} {call}: no such call here"));
                continue;
            };
            let difference = differences(line, &recording, &result).join("; ");
            if difference.is_empty() {
                equal += 1;
                continue;
            }
            match reasons(&divergences.storage, &mut unused, language, call, &difference) {
                Some(reasons) => {
                    diverging += 1;
                    tally.notes.push(format!("{language} {call}: {}", reasons.join(", and ")));
                }
                None => tally.failures.push(format!("{language} {call}: {difference}")),
            }
        }
    }
    if folder == super::super::vectors() {
        let stale = unused.iter().map(|at| &divergences.storage[*at].reason);
        tally.failures.extend(stale.map(|reason| format!("no difference for the reason: {reason}")));
    }
    (tally.good, tally.all) = (equal + diverging, all);
    tally.summary =
        format!("storage wire parity: {} of {all} ({equal} equal; {diverging} differ for a reason)", equal + diverging);
    tally
}
