//! The recorded calls of the official clients, made on our builder.

mod filter;
mod make;
mod value;

use std::path::Path;

use serde::Deserialize;
use supabase_core::Client;
use supabase_core::transport::{Recording, Reply, RetryPolicy};

use super::Tally;
use super::divergence::{Divergences, reasons};
use super::normal::{Normal, Plain};
use super::prepared::Outcome;
use super::replay::plain_of;
use make::{LANGUAGE, Language, make};

/// One line of `wire_*.jsonl`.
#[derive(Debug, Clone, Deserialize)]
pub struct Line {
    /// `db.filter.eq`
    pub group: String,
    /// The call, as text.
    pub call: String,
    /// The method; `None` when nothing was sent.
    pub method: Option<String>,
    /// The path.
    pub path: Option<String>,
    /// The decoded pairs.
    #[serde(default)]
    pub params: Option<Vec<(String, String)>>,
    /// The headers; a list where one is repeated.
    #[serde(default)]
    pub headers: Option<serde_json::Map<String, serde_json::Value>>,
    /// The body.
    #[serde(default)]
    pub body: Option<Body>,
}

/// A recorded body.
#[derive(Debug, Clone, Deserialize)]
pub struct Body {
    /// As it was sent.
    pub raw: Option<String>,
    /// Text that is no JSON.
    pub text: Option<String>,
}

impl Line {
    fn plain(&self) -> Plain {
        let mut headers = Vec::new();
        for (name, value) in self.headers.iter().flatten() {
            let values = value.as_array().cloned().unwrap_or_else(|| vec![value.clone()]);
            for value in values {
                headers.push((name.clone(), value.as_str().unwrap_or_default().to_owned()));
            }
        }
        let path = self.path.clone().unwrap_or_default();
        Plain {
            method: self.method.clone().unwrap_or_default(),
            path: path.strip_prefix("/rest/v1").unwrap_or(&path).to_owned(),
            params: self.params.clone().unwrap_or_default(),
            headers,
            body: self.body.as_ref().and_then(|body| body.raw.clone().or_else(|| body.text.clone())),
        }
    }
}

/// A client that sends to a recording.
pub(crate) fn client(recording: &Recording, retry: RetryPolicy) -> Client {
    Client::builder("http://replay.invalid", "sb_publishable_testkey")
        .transport(recording.clone())
        .allow_dry_run(true)
        .retry(retry)
        .build()
        .expect("a URL and a key")
}

/// Makes a call against canned answers.
pub(crate) async fn send(
    language: &str,
    call: &str,
    replies: Vec<Reply>,
    retry: RetryPolicy,
) -> (Result<Outcome, String>, Recording) {
    let recording = Recording::new(replies);
    LANGUAGE.set(if language == "py" { Language::Python } else { Language::JavaScript });
    let prepared = make(&client(&recording, retry), call);
    let outcome = match prepared {
        Ok(prepared) => Ok(prepared.send.await),
        Err(why) => Err(why),
    };
    (outcome, recording)
}

/// How our request differs from theirs, in meaning; nothing when it does not. The flag says whether
/// they are the same letter by letter.
async fn compare(language: &str, line: &Line) -> (Option<String>, bool) {
    let proof = Reply::json(http::StatusCode::OK, "[]").header("preference-applied", "tx=rollback");
    let (outcome, recording) = send(language, &line.call, vec![proof], RetryPolicy::none()).await;
    let sent = recording.sent();
    let outcome = match outcome {
        Err(why) => return (Some(format!("call: {why}")), false),
        Ok(outcome) => outcome,
    };
    let refused = outcome.err().filter(|failure| failure.kind == supabase_core::ErrorKind::Refused);
    match (&line.method, refused) {
        (None, Some(_)) => (None, true),
        (None, None) => (Some("sent: theirs nothing, ours a request".to_owned()), false),
        (Some(_), Some(failure)) => (Some(format!("refused: {}", failure.text.replace("; ", ", "))), false),
        (Some(_), None) => {
            let Some(last) = sent.last() else { return (Some("sent: nothing".to_owned()), false) };
            let (theirs, ours) = (line.plain(), plain_of(last));
            let literally = theirs.params == ours.params && theirs.path == ours.path;
            (difference(&theirs, &ours), literally)
        }
    }
}

fn difference(theirs: &Plain, ours: &Plain) -> Option<String> {
    let (mut their, mut our): (Normal, Normal) = (theirs.normal(), ours.normal());
    if our.prefer.contains("tx=rollback") || our.prefer.iter().any(|item| item.starts_with("max-affected")) {
        // A preference that the server does not know has to fail, not to write.
        their.prefer.remove("handling=strict");
        our.prefer.remove("handling=strict");
    }
    let body = |normal: &mut Normal| {
        // The same members in another order are the same document.
        if let Some(text) = &normal.body
            && let Ok(document) = serde_json::from_str::<serde_json::Value>(text)
        {
            normal.body = Some(document.to_string());
        }
    };
    body(&mut their);
    body(&mut our);
    if their.body.is_none() && our.body.is_none() {
        their.content_type = None;
        our.content_type = None;
    }
    their.difference(&our).map(|difference| difference.trim_end_matches("; ").to_owned())
}

/// Replays the database groups of both files.
pub async fn run(folder: &Path) -> Tally {
    let divergences = Divergences::read();
    let mut tally = Tally::default();
    let mut unused: std::collections::BTreeSet<usize> = (0..divergences.wire.len()).collect();
    let (mut equal, mut literal, mut diverging, mut all) = (0, 0, 0, 0);
    for language in ["py", "js"] {
        let lines: Vec<Line> = super::lines(&folder.join(format!("wire_{language}.jsonl")));
        for line in lines.iter().filter(|line| line.group.starts_with("db.")) {
            all += 1;
            match compare(language, line).await {
                (None, same) => {
                    equal += 1;
                    literal += usize::from(same);
                }
                (Some(difference), _) => {
                    match reasons(&divergences.wire, &mut unused, language, &line.call, &difference) {
                        Some(reasons) => {
                            diverging += 1;
                            tally.notes.push(format!(
                                "{language} {} {}: {}",
                                line.group,
                                line.call,
                                reasons.join(", and ")
                            ));
                        }
                        None => tally.failures.push(format!("{language} {} {}: {difference}", line.group, line.call)),
                    }
                }
            }
        }
    }
    if folder == super::vectors() {
        let stale = std::mem::take(&mut unused);
        tally.failures.extend(
            stale.iter().map(|at: &usize| format!("no difference for the reason: {}", divergences.wire[*at].reason)),
        );
    }
    tally.summary = format!(
        "wire parity: {} of {all} ({equal} equal, {literal} of them letter by letter; {diverging} differ for a reason)",
        equal + diverging
    );
    (tally.good, tally.all) = (equal + diverging, all);
    tally
}
