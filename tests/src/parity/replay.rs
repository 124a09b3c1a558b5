//! Exchanges without a server: the recorded request has to be what our client sends, and the
//! recorded answer has to become what it says.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;
use supabase_core::Client;
use supabase_core::transport::{Recording, Reply, RetryPolicy};

use super::Tally;
use super::exchange::{Exchange, Unsaid, Ways, tell};
use super::normal::{self, Plain, compact};
use super::prepared::{Data, Failure, Outcome};

/// The lines that are left out, each with its reason: `excluded.toml`.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Exclusions {
    /// Lines that no client causes, or that ours refuses.
    #[serde(default)]
    pub offline: BTreeMap<String, String>,
    /// Lines with a filter that is said in the server's own words (`.filter(column, operator, text)`),
    /// because no method that quotes and escapes says it. Every other filter is said by one.
    #[serde(default)]
    pub literal: BTreeMap<String, String>,
    /// Lines that a local stack cannot run.
    #[serde(default)]
    pub live: BTreeMap<String, String>,
}

impl Exclusions {
    /// Reads the file beside the exchanges; where there is none, the checked-in one.
    ///
    /// # Panics
    /// Panics when the file is not what it should be.
    #[must_use]
    pub fn read(folder: &Path) -> Self {
        let file = folder.join("postgrest/excluded.toml");
        let file = if file.exists() { file } else { super::vectors().join("postgrest/excluded.toml") };
        let text = std::fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        toml::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
    }
}

/// Reads the exchanges of a folder.
#[must_use]
pub fn exchanges(folder: &Path) -> Vec<Exchange> {
    super::lines(&folder.join("postgrest/exchanges.jsonl"))
}

/// What the answer has to become.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expected {
    /// The status.
    pub status: u16,
    /// The body, blanks between the parts of JSON aside.
    pub body: Option<String>,
    /// The count, where one was asked for and given.
    pub count: Option<u64>,
    /// Code, message, details and hint of an error.
    pub error: Option<[Option<String>; 4]>,
}

/// What the exchange's answer says.
#[must_use]
pub fn expected(exchange: &Exchange, folder: &Path) -> Expected {
    let answer = &exchange.response;
    let file =
        answer.body_file.as_ref().and_then(|name| std::fs::read_to_string(folder.join("postgrest").join(name)).ok());
    let body = file.or_else(|| answer.body_text.clone());
    let counted = exchange.plain().header("prefer").is_some_and(|prefer| {
        prefer.split(',').any(|item| matches!(item.trim(), "count=exact" | "count=planned" | "count=estimated"))
    });
    let count = exchange
        .answer_header("content-range")
        .filter(|_| counted)
        .and_then(|range| range.split_once('/')?.1.parse().ok());
    let error = (answer.status >= 300).then(|| {
        let said: Option<serde_json::Map<String, serde_json::Value>> =
            body.as_deref().and_then(|body| serde_json::from_str(body).ok());
        let field = |name: &str| {
            said.as_ref()
                .and_then(|said| said.get(name))
                .filter(|value| !value.is_null())
                .map(|value| value.as_str().map_or_else(|| value.to_string(), str::to_owned))
        };
        let code = field("code").or_else(|| {
            // The answer to HEAD has no body; the code is in a header.
            let status = exchange.answer_header("proxy-status")?;
            Some(status.split("error=").nth(1)?.trim().to_owned())
        });
        [code, field("message"), field("details"), field("hint")]
    });
    Expected { status: answer.status, body, count, error }
}

/// How an outcome differs from what was expected; nothing when it does not.
#[must_use]
pub fn difference(expected: &Expected, outcome: &Outcome) -> Option<String> {
    match (&expected.error, outcome) {
        (None, Err(failure)) => {
            Some(format!("expected an answer of status {}, but: {}", expected.status, failure.text))
        }
        (Some(_), Ok(success)) => Some(format!("expected an error of status {}, but got {success:?}", expected.status)),
        (None, Ok(success)) => {
            if success.status != expected.status {
                return Some(format!("status {} instead of {}", success.status, expected.status));
            }
            if success.count != expected.count {
                return Some(format!("count {:?} instead of {:?}", success.count, expected.count));
            }
            let body = expected.body.as_deref().unwrap_or_default();
            match &success.data {
                Data::Nothing => None,
                Data::Text(text) => (text != body).then(|| format!("text {text:?} instead of {body:?}")),
                Data::Json(json) => {
                    let body = if body.is_empty() { "null".to_owned() } else { compact(body) };
                    (*json != body && !same_document(json, &body)).then(|| format!("{json} instead of {body}"))
                }
            }
        }
        (Some([code, message, details, hint]), Err(failure)) => {
            let Failure { status, code: our_code, message: our_message, details: our_details, hint: our_hint, .. } =
                failure;
            if *status != Some(expected.status) {
                return Some(format!("{} instead of status {}", failure.text, expected.status));
            }
            if our_code != code || our_details != details || our_hint != hint {
                return Some(format!("{:?} instead of {:?}", (our_code, our_details, our_hint), (code, details, hint)));
            }
            if message.is_some() && our_message != message {
                return Some(format!("message {our_message:?} instead of {message:?}"));
            }
            None
        }
    }
}

/// Documents that went through serde (the root document) lose the order of their keys.
fn same_document(left: &str, right: &str) -> bool {
    left.len() > 10_000
        && serde_json::from_str::<serde_json::Value>(left).ok() == serde_json::from_str::<serde_json::Value>(right).ok()
}

/// What one line came to.
#[derive(Debug)]
pub enum Verdict {
    /// The request is the recorded one, and the answer is read right.
    Equal(Ways),
    /// No builder says it.
    Unsaid(String),
    /// Something differs.
    Different(String),
}

/// Replays one exchange.
pub async fn replay(exchange: &Exchange, folder: &Path) -> Verdict {
    let expected = expected(exchange, folder);
    let mut reply = Reply::empty(status(expected.status)).body(expected.body.clone().unwrap_or_default().into_bytes());
    for (name, value) in &exchange.response.headers {
        match value {
            serde_json::Value::String(value) => reply = reply.header(name, value),
            serde_json::Value::Array(values) => {
                for value in values.iter().filter_map(|value| value.as_str()) {
                    reply = reply.header(name, value);
                }
            }
            _ => {}
        }
    }
    let proof = Reply::json(status(200), "").header("preference-applied", "tx=rollback");
    let dry = |recording: &Recording| {
        Client::builder("http://replay.invalid", "anonymous")
            .transport(recording.clone())
            .allow_dry_run(true)
            // The recorded requests go in one piece, however long.
            .url_limit(1 << 20)
            .retry(RetryPolicy::none())
            .build()
            .expect("a URL and a key")
    };
    // Whether the proof of a dry run comes first is seen by telling it once to an empty recording.
    let scout = Recording::new([proof.clone()]);
    match tell(&dry(&scout), exchange) {
        Err(Unsaid(why)) => return Verdict::Unsaid(why),
        Ok(told) => match told.prepared.send.await {
            Err(failure) if failure.kind == supabase_core::ErrorKind::Refused => return Verdict::Unsaid(failure.text),
            _ => {}
        },
    }
    let requests = scout.sent().len();
    if requests == 0 {
        return Verdict::Different("nothing was sent".to_owned());
    }
    let recording = Recording::new(std::iter::repeat_n(proof, requests - 1).chain([reply]));
    let told = match tell(&dry(&recording), exchange) {
        Err(Unsaid(why)) => return Verdict::Unsaid(why),
        Ok(told) => told,
    };
    let outcome = told.prepared.send.await;
    let sent = recording.sent();
    let Some(last) = sent.last() else { return Verdict::Different("nothing was sent".to_owned()) };
    let ours = plain_of(last);
    if let Some(difference) = compare(&exchange.plain(), &ours) {
        return Verdict::Different(format!("request: {difference}"));
    }
    let wanted = exchange.plain().header("authorization").map(str::to_owned);
    if wanted.is_some() && ours.header("authorization").map(str::to_owned) != wanted {
        return Verdict::Different(format!("authorization: {:?}", ours.header("authorization")));
    }
    match difference(&expected, &outcome) {
        Some(difference) => Verdict::Different(format!("answer: {difference}")),
        None => Verdict::Equal(told.ways),
    }
}

fn status(code: u16) -> http::StatusCode {
    http::StatusCode::from_u16(code).expect("a recorded status")
}

/// A sent request, decoded, below the REST root.
#[must_use]
pub fn plain_of(sent: &supabase_core::transport::Sent) -> Plain {
    let after_host = sent.url.splitn(4, '/').nth(3).unwrap_or_default();
    let target = after_host.strip_prefix("rest/v1").unwrap_or(after_host);
    let headers = sent
        .headers
        .iter()
        .map(|(name, value)| (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned()))
        .collect();
    let body = (!sent.body.is_empty()).then(|| String::from_utf8_lossy(&sent.body).into_owned());
    normal::of_target(sent.method.as_str(), target, headers, body)
}

/// How our request differs from the recorded one, what our client adds on purpose aside.
fn compare(theirs: &Plain, ours: &Plain) -> Option<String> {
    let (mut their_normal, mut our_normal) = (theirs.normal(), ours.normal());
    let writes = matches!(ours.method.as_str(), "POST" | "PATCH" | "DELETE");
    if writes && our_normal.prefer.contains("tx=rollback") {
        // A preference that the server does not know has to fail, not to commit.
        our_normal.prefer.remove("handling=strict");
        their_normal.prefer.remove("handling=strict");
    }
    let columns = |normal: &normal::Normal| normal.modifiers.iter().any(|modifier| modifier.starts_with("columns="));
    if !columns(&their_normal) {
        // Rows that all have the same keys mean the same with and without a list of them.
        our_normal.modifiers.retain(|modifier| !modifier.starts_with("columns="));
    }
    if their_normal.body.is_none() {
        their_normal.content_type = None;
        our_normal.content_type = None;
    }
    their_normal.difference(&our_normal)
}

/// Whether these are the vectors of this repository, whose every line is accounted for by name.
fn is_ours(folder: &Path) -> bool {
    let whole = |folder: &Path| folder.canonicalize().ok();
    whole(folder).is_some() && whole(folder) == whole(&super::vectors())
}

/// Replays every exchange of the folder.
pub async fn run(folder: &Path) -> Tally {
    let exclusions = Exclusions::read(folder);
    let exchanges = exchanges(folder);
    let mut tally = Tally::default();
    let (mut equal, mut ways, mut excluded) = (0, Ways::default(), 0);
    let mut stale: std::collections::BTreeSet<&str> = exclusions.offline.keys().map(String::as_str).collect();
    let ours = is_ours(folder);
    for exchange in &exchanges {
        let named = exclusions.offline.get(&exchange.id);
        stale.remove(exchange.id.as_str());
        match (replay(exchange, folder).await, named) {
            (Verdict::Equal(used), None) => {
                equal += 1;
                ways.typed += used.typed;
                ways.literal += used.literal;
                match (used.literal, exclusions.literal.get(&exchange.id)) {
                    (0, None) => {}
                    (0, Some(_)) => {
                        tally
                            .failures
                            .push(format!("{}: is said by methods that quote, though [literal] names it", exchange.id));
                    }
                    (_, Some(reason)) => tally.notes.push(format!("in the server's words {}: {reason}", exchange.id)),
                    (_, None) => {
                        let note = format!("in the server's words {}: {:?}", exchange.id, exchange.request.params);
                        if ours {
                            tally
                                .failures
                                .push(format!("{note}: a method that quotes should say it, or [literal] name it"));
                        } else {
                            tally.notes.push(note);
                        }
                    }
                }
            }
            (Verdict::Equal(_), Some(reason)) => {
                tally.failures.push(format!("{}: is excluded ({reason}), but is equal", exchange.id));
            }
            (Verdict::Unsaid(_), Some(reason)) => {
                excluded += 1;
                tally.notes.push(format!("excluded {}: {reason}", exchange.id));
            }
            // A folder with more lines than ours has lines that the file cannot name: the reason is
            // the builder's own.
            (Verdict::Unsaid(why), None) => {
                excluded += 1;
                tally.notes.push(format!("excluded {}: {why}", exchange.id));
                if ours {
                    tally
                        .failures
                        .push(format!("{}: no method says it and excluded.toml does not name it: {why}", exchange.id));
                }
            }
            (Verdict::Different(what), None) => tally.failures.push(format!("{}: {what}", exchange.id)),
            (Verdict::Different(what), Some(_)) => {
                tally.failures.push(format!("{}: is excluded, but a method says it: {what}", exchange.id));
            }
        }
    }
    if ours {
        tally.failures.extend(stale.into_iter().map(|id| format!("{id}: is excluded, but there is no such line")));
    }
    let all = exchanges.len() - excluded;
    tally.summary = format!(
        "exchanges: {equal} of {all} ({excluded} of {} lines excluded; {} filters by methods that quote, {} in the server's words)",
        exchanges.len(),
        ways.typed,
        ways.literal
    );
    (tally.good, tally.all) = (equal, all);
    if excluded * 1303 > 120 * exchanges.len() {
        tally.failures.push(format!("{excluded} lines are excluded, more than 120 of 1303"));
    }
    tally
}
