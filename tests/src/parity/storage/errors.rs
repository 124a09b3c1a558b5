//! The canned answers of the official clients' recordings that say no: what they mean with us.

use std::path::Path;

use http::StatusCode;
use serde_json::Value;
use supabase_core::transport::{Reply, Sent};
use supabase_core::{Client, Error, ErrorKind};

use super::super::Tally;
use super::client;

/// What the call came to.
enum Came {
    Exists(bool),
    Refused(Box<Error>),
}

async fn perform(call: &str, client: &Client) -> Result<Came, String> {
    let storage = client.storage();
    let bucket = storage.from("a");
    let refused = if call.contains(".exists(") {
        match bucket.exists("x").await {
            Ok(found) => return Ok(Came::Exists(found)),
            Err(error) => Err(error),
        }
    } else if call.contains("download") {
        bucket.download("x").await.map(drop)
    } else if call.contains("list_buckets") {
        storage.list_buckets().await.map(drop)
    } else if call.contains("vectors()") {
        storage.vectors().create_bucket("x").await
    } else if call.contains("analytics().delete") {
        storage.analytics().delete_bucket("x").await
    } else {
        return Err("no such call here".to_owned());
    };
    match refused {
        Ok(()) => Err("the answer says no and was taken for yes".to_owned()),
        Err(error) => Ok(Came::Refused(Box::new(error))),
    }
}

/// What is wrong with what came of a line.
fn wrong(call: &str, status: StatusCode, text: &str, came: &Came, sent: &[Sent], line: &Value) -> Option<String> {
    let said: Value = serde_json::from_str(text).unwrap_or(Value::Null);
    match came {
        // supabase-js throws for a status 400 that means 404; here it is an answer.
        Came::Exists(false) if status != StatusCode::BAD_GATEWAY => {}
        Came::Exists(found) => return Some(format!("there is one: {found}")),
        Came::Refused(error) => {
            let kind = match (status.as_u16(), said["statusCode"].as_str()) {
                (502, _) => ErrorKind::Unavailable,
                (_, Some("409")) => ErrorKind::Conflict,
                // A token that is none.
                (_, Some("403")) => ErrorKind::Unauthenticated,
                _ => ErrorKind::NotFound,
            };
            if call.contains(".exists(") && status != StatusCode::BAD_GATEWAY {
                return Some(format!("an error instead of `false`: {error}"));
            }
            if error.kind() != kind {
                return Some(format!("kind {:?} instead of {kind:?}", error.kind()));
            }
            let Some(body) = error.storage() else { return Some("no words of the service".to_owned()) };
            let nested = said["error"].as_object();
            let of_nested = |name: &str| nested.and_then(|error| error[name].as_str());
            if let Some(message) = said["message"].as_str().or_else(|| of_nested("message"))
                && body.message != message
            {
                return Some(format!("message {:?} instead of {message:?}", body.message));
            }
            let code = said["code"].as_str().or_else(|| said["error"].as_str()).or_else(|| of_nested("type"));
            if error.code() != code {
                return Some(format!("code {:?} instead of {code:?}", error.code()));
            }
            if (body.status, body.text.as_str()) != (status, text) {
                return Some("another status or body".to_owned());
            }
        }
    }
    let expected = &line["requests"][0];
    if sent[0].method.as_str() != expected["method"] || !sent[0].url.ends_with(expected["path"].as_str().unwrap()) {
        return Some(format!("{} {} instead of {expected}", sent[0].method, sent[0].url));
    }
    // Statuses of a passing kind are tried again where that does no harm.
    let attempts = if status == StatusCode::BAD_GATEWAY { 3 } else { 1 };
    (sent.len() != attempts).then(|| format!("{} attempts instead of {attempts}", sent.len()))
}

/// Replays the storage lines of both files.
pub async fn run(folder: &Path) -> Tally {
    let mut tally = Tally::default();
    let (mut good, mut all) = (0, 0);
    for language in ["py", "js"] {
        for line in super::lines(folder, &format!("errors_{language}.jsonl")) {
            all += 1;
            let call = line["call"].as_str().unwrap();
            let answer = &line["responses"][0];
            let status = StatusCode::from_u16(u16::try_from(answer[0].as_u64().unwrap()).unwrap()).unwrap();
            let text = answer[2].as_str().unwrap();
            let (client, recording) = client([Reply::json(status, text)]);
            let wrong = match perform(call, &client).await {
                Ok(came) => wrong(call, status, text, &came, &recording.sent(), &line),
                Err(why) => Some(why),
            };
            match wrong {
                None => good += 1,
                Some(why) => tally.failures.push(format!("{language} {call} {}: {why}", status.as_u16())),
            }
        }
    }
    (tally.good, tally.all) = (good, all);
    tally.summary = format!("storage errors: {good} of {all}");
    tally
}
