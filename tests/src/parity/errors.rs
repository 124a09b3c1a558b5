//! The canned answers of the official clients' recordings: what they become with us.

use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde::Deserialize;
use supabase_core::ErrorKind;
use supabase_core::transport::{Reply, RetryPolicy};

use super::Tally;
use super::divergence::{Divergences, reasons};
use super::normal::compact;
use super::prepared::{Data, Outcome};
use super::wire::send;

/// One line of `errors_*.jsonl`.
#[derive(Debug, Clone, Deserialize)]
pub struct Line {
    /// `db.error`
    pub group: String,
    /// The call, as text.
    pub call: String,
    /// Status, headers and body of each answer.
    pub responses: Vec<(u16, serde_json::Map<String, serde_json::Value>, String)>,
    /// The requests that were sent.
    pub requests: Vec<serde_json::Value>,
    /// What the call gave.
    pub result: Option<serde_json::Value>,
    /// What the call raised.
    pub error: Option<serde_json::Value>,
}

/// What a client made of the answers, in one form for both languages and for us.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Made {
    requests: usize,
    retry_counts: Vec<Option<String>>,
    error: Option<[Option<String>; 4]>,
    data: Option<String>,
    count: Option<u64>,
}

fn theirs(language: &str, line: &Line) -> Made {
    let field = |value: Option<&serde_json::Value>, name: &str| {
        value
            .and_then(|value| value.get(name))
            .filter(|value| !value.is_null())
            .map(|value| value.as_str().map_or_else(|| value.to_string(), str::to_owned))
    };
    let result = line.result.as_ref().filter(|result| !result.is_null());
    let error = match language {
        "py" => line.error.as_ref().filter(|error| !error.is_null()),
        _ => result.and_then(|result| result.get("error")).filter(|error| !error.is_null()),
    };
    Made {
        requests: line.requests.len(),
        retry_counts: line
            .requests
            .iter()
            .map(|request| Some(request.get("headers")?.get("x-retry-count")?.as_str()?.to_owned()))
            .collect(),
        error: error.map(|error| ["code", "message", "details", "hint"].map(|name| field(Some(error), name))),
        data: result
            .and_then(|result| result.get("data"))
            .map(|data| compact(&data.to_string()))
            .filter(|data| data != "null"),
        count: result.and_then(|result| result.get("count")?.as_u64()),
    }
}

fn ours(outcome: &Outcome, requests: &[supabase_core::transport::Sent]) -> Made {
    let retry_counts =
        requests.iter().map(|request| Some(request.headers.get("x-retry-count")?.to_str().ok()?.to_owned())).collect();
    let mut made = Made { requests: requests.len(), retry_counts, error: None, data: None, count: None };
    match outcome {
        Ok(success) => {
            made.count = success.count;
            made.data = match &success.data {
                Data::Nothing => None,
                Data::Json(json) => Some(json.clone()).filter(|json| json != "null"),
                Data::Text(text) => Some(text.clone()),
            };
        }
        Err(failure) => {
            let failure = failure.clone();
            made.error = Some([failure.code, failure.message, failure.details, failure.hint]);
        }
    }
    made
}

/// The kind that an answer has to have, told from its status and code by a table of the test's own.
fn kind(status: u16, code: Option<&str>) -> ErrorKind {
    match (status, code) {
        (_, Some("PGRST116")) => ErrorKind::NotOneRow,
        (_, Some("PGRST205")) => ErrorKind::NotFound,
        (404, _) => ErrorKind::NotFound,
        (503 | 520, _) => ErrorKind::Unavailable,
        (400, _) => ErrorKind::InvalidInput,
        _ => ErrorKind::Api,
    }
}

/// Replays the database lines of both files.
pub async fn run(folder: &Path) -> Tally {
    let divergences = Divergences::read();
    let mut tally = Tally::default();
    let mut unused: std::collections::BTreeSet<usize> = (0..divergences.errors.len()).collect();
    let (mut good, mut all) = (0, 0);
    for language in ["py", "js"] {
        let lines: Vec<Line> = super::lines(&folder.join(format!("errors_{language}.jsonl")));
        for line in lines.iter().filter(|line| line.group.starts_with("db.")) {
            all += 1;
            let name = format!(
                "{language} {} {} {:?}",
                line.group,
                line.call,
                line.responses.last().map(|(status, _, _)| status)
            );
            let replies = line
                .responses
                .iter()
                .map(|(status, headers, body)| {
                    let status = http::StatusCode::from_u16(*status).expect("a recorded status");
                    headers.iter().fold(Reply::empty(status).body(body.clone().into_bytes()), |reply, (name, value)| {
                        reply.header(name, value.as_str().unwrap_or_default())
                    })
                })
                .collect();
            // Time passes at once, and is written down.
            let waits: Arc<Mutex<Vec<Duration>>> = Arc::default();
            let slept = waits.clone();
            let policy = RetryPolicy::default().sleep(Arc::new(move |time| {
                slept.lock().expect("no panic while waiting").push(time);
                Box::pin(std::future::ready(()))
            }));
            let (outcome, recording) = send(language, &line.call, replies, policy).await;
            let sent = recording.sent();
            let outcome = match outcome {
                Ok(outcome) => outcome,
                Err(why) => {
                    tally.failures.push(format!("{name}: {why}"));
                    continue;
                }
            };
            let (theirs, ours) = (theirs(language, line), ours(&outcome, &sent));
            if let Err(failure) = &outcome {
                let status = line.responses.last().map_or(0, |(status, _, _)| *status);
                let wanted = if failure.code.as_deref() == Some("PGRST116") {
                    ErrorKind::NotOneRow
                } else {
                    kind(status, failure.code.as_deref())
                };
                if failure.kind != wanted {
                    tally.failures.push(format!("{name}: kind {:?} instead of {wanted:?}", failure.kind));
                    continue;
                }
            }
            let waits = waits.lock().expect("no panic while waiting").clone();
            if waits.len() + 1 != sent.len().max(1) || waits.iter().any(|wait| *wait > Duration::from_secs(30)) {
                tally.failures.push(format!("{name}: waits {waits:?} between {} requests", sent.len()));
                continue;
            }
            let difference = difference(&theirs, &ours);
            match difference {
                None => good += 1,
                Some(difference) => {
                    match reasons(&divergences.errors, &mut unused, language, &line.call, &difference) {
                        Some(reasons) => {
                            good += 1;
                            tally.notes.push(format!("{name}: {}", reasons.join(", and ")));
                        }
                        None => tally.failures.push(format!("{name}: {difference}")),
                    }
                }
            }
        }
    }
    if folder == super::vectors() {
        let stale = std::mem::take(&mut unused);
        tally.failures.extend(
            stale.iter().map(|at: &usize| format!("no difference for the reason: {}", divergences.errors[*at].reason)),
        );
    }
    tally.summary = format!("errors: {good} of {all}");
    (tally.good, tally.all) = (good, all);
    tally
}

fn difference(theirs: &Made, ours: &Made) -> Option<String> {
    let mut parts = Vec::new();
    if theirs.requests != ours.requests || theirs.retry_counts != ours.retry_counts {
        parts.push(format!(
            "requests: theirs {} {:?}, ours {} {:?}",
            theirs.requests, theirs.retry_counts, ours.requests, ours.retry_counts
        ));
    }
    match (&theirs.error, &ours.error) {
        (None, None) => {}
        (Some(theirs), Some(ours)) => {
            for (at, name) in ["code", "message", "details", "hint"].iter().enumerate() {
                if theirs[at] != ours[at] {
                    parts.push(format!("{name}: theirs {:?}, ours {:?}", theirs[at], ours[at]));
                }
            }
        }
        (theirs, ours) => parts.push(format!("error: theirs {theirs:?}, ours {ours:?}").replace("; ", ", ")),
    }
    if theirs.error.is_none() && ours.error.is_none() {
        if theirs.data != ours.data {
            parts.push(format!("data: theirs {:?}, ours {:?}", theirs.data, ours.data));
        }
        if theirs.count != ours.count {
            parts.push(format!("count: theirs {:?}, ours {:?}", theirs.count, ours.count));
        }
    }
    (!parts.is_empty()).then(|| parts.join("; "))
}
