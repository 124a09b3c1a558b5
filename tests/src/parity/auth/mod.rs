//! The auth and client groups of the official clients' recordings, made with our client.
//!
//! Compared are the number of requests, method, path, parameters (decoded; their order means nothing to
//! the auth service), `apikey`, `Authorization`, the API version, the profile and the body; for calls that
//! only make a URL, that URL; for calls that fail, that ours fails too. In bodies `null` and `{}` mean the
//! same as nothing. Where this client differs on purpose, `divergence` says why.

mod account;
mod admin;
mod client;
mod divergence;
mod errors;
mod exchange;
mod factors;
mod normal;
mod oauth;
mod server;
mod sign_in;
mod token;

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::Value;
use supabase_core::auth::{AuthConfig, AuthFlow};
use supabase_core::{Client, Result};

use super::Tally;
use divergence::DIVERGENCES;
use server::{Seen, Server};
use token::user_jwt;

pub use errors::run as errors;
pub use exchange::{read, stand_in, totp};

const URL: &str = "http://project.test";
const KEY: &str = "sb_secret_testkey";
/// Stands for the recorded legacy key, which is a JWT.
const LEGACY_KEY: &str = "legacy.e30.key";

/// What was recorded for one call.
struct Recorded {
    file: &'static str,
    group: String,
    call: String,
    /// One for each request; one without a method where nothing was sent.
    lines: Vec<Value>,
}

impl Recorded {
    fn python(&self) -> bool {
        self.file == "py"
    }

    fn name(&self) -> String {
        format!("{} {} {}", self.file, self.group, self.call)
    }

    /// supabase-py begins with PKCE, supabase-js with the implicit flow; the group names the other.
    fn flow(&self) -> AuthFlow {
        let pkce = if self.python() { !self.group.ends_with(".implicit") } else { self.group.ends_with(".pkce") };
        if pkce { AuthFlow::Pkce } else { AuthFlow::Implicit }
    }

    fn failed(&self) -> bool {
        self.lines.iter().any(|line| {
            !line["error"].is_null() || !line["result_error"].is_null() || !line["result"]["error"].is_null()
        })
    }
}

fn recorded(folder: &Path, file: &'static str, prefix: &str) -> Vec<Recorded> {
    let mut all: Vec<Recorded> = Vec::new();
    for line in super::lines::<Value>(&folder.join(format!("wire_{file}.jsonl"))) {
        let text = |name: &str| line[name].as_str().unwrap_or_default().to_owned();
        let (group, call) = (text("group"), text("call"));
        if !group.starts_with(prefix) {
            continue;
        }
        match all.last_mut() {
            Some(last) if line["seq"].as_u64().is_some_and(|seq| seq > 0) => last.lines.push(line),
            _ => all.push(Recorded { file, group, call, lines: vec![line] }),
        }
    }
    all
}

/// The same call by this client; an error when there is no arm for it.
async fn make(recorded: &Recorded, client: &Client) -> std::result::Result<Result<()>, String> {
    let call = recorded.call.strip_prefix("supabase.auth.").unwrap_or(&recorded.call);
    let auth = client.auth();
    if let Some(made) = sign_in::run(call, &auth).await {
        return Ok(made);
    }
    if let Some(made) = account::run(call, &auth).await {
        return Ok(made);
    }
    if let Some(made) = factors::run(call, &auth).await {
        return Ok(made);
    }
    admin::run(call, &auth.admin()).await.ok_or_else(|| "nothing makes this call".to_owned())
}

/// How our requests differ from theirs, in meaning; nothing when they do not.
async fn compare(recorded: &Recorded) -> Option<String> {
    if oauth::is_url(recorded) {
        return oauth::compare(recorded).await;
    }
    let server = Server::default();
    let config = AuthConfig::new().auto_refresh(false).flow(recorded.flow());
    let built = Client::builder(URL, KEY).transport(server.clone()).auth(config).build();
    let client = built.expect("a URL and a key");
    let needs_user = recorded.lines.iter().any(|line| line["headers"]["authorization"] == "Bearer <JWT_USER>")
        || recorded.call.contains("ssurance")
        || recorded.call.contains("refresh_session()");
    if needs_user && !recorded.call.contains("no session") && !recorded.call.contains("JWT_HS") {
        client.auth().set_session(&user_jwt(), "refresh-token-1").await.expect("a session");
        server.take();
    }
    let made = match make(recorded, &client).await {
        Ok(made) => made,
        Err(why) => return Some(why),
    };
    outcome(recorded, made, server.take())
}

/// Compares what came of a call and what was sent for it.
fn outcome(recorded: &Recorded, made: Result<()>, seen: Vec<Seen>) -> Option<String> {
    match (recorded.failed(), made) {
        (true, Ok(())) => return Some("theirs fails, ours does not".to_owned()),
        (false, Err(error)) if recorded.lines[0]["method"].is_string() || recorded.lines[0]["result"].is_object() => {
            return Some(format!("ours fails: {error}"));
        }
        _ => {}
    }
    let (theirs, ours) = normal::both(recorded, seen);
    (theirs != ours).then(|| format!("recorded {theirs:#?}\nours     {ours:#?}"))
}

/// Replays the groups about users of both files.
pub async fn run(folder: &Path) -> Tally {
    replay(folder, "auth").await
}

/// Replays the groups about clients themselves: keys, tokens, settings.
pub async fn clients(folder: &Path) -> Tally {
    replay(folder, "client").await
}

async fn replay(folder: &Path, area: &str) -> Tally {
    let mut tally = Tally::default();
    let mut used = BTreeSet::new();
    let (mut equal, mut diverging) = (0, 0);
    let prefix = format!("{area}.");
    for recorded in recorded(folder, "py", &prefix).into_iter().chain(recorded(folder, "js", &prefix)) {
        tally.all += recorded.lines.len();
        let difference = if area == "auth" { compare(&recorded).await } else { client::compare(&recorded).await };
        let reason =
            DIVERGENCES.iter().position(|(group, part, _)| recorded.group == *group && recorded.call.contains(part));
        match (difference, reason) {
            (None, None) => equal += recorded.lines.len(),
            (Some(_), Some(at)) => {
                used.insert(at);
                diverging += recorded.lines.len();
                tally.notes.push(format!("{}: {}", recorded.name(), DIVERGENCES[at].2));
            }
            (Some(difference), None) => tally.failures.push(format!("{}: {difference}", recorded.name())),
            (None, Some(at)) => {
                let reason = DIVERGENCES[at].2;
                tally.failures.push(format!("{}: no difference for the reason: {reason}", recorded.name()));
            }
        }
    }
    if folder == super::vectors() {
        let ours = DIVERGENCES.iter().enumerate().filter(|(_, (group, ..))| group.starts_with(&prefix));
        let stale = ours.filter(|(at, _)| !used.contains(at));
        tally.failures.extend(stale.map(|(_, (group, call, _))| format!("{group} {call}: this reason does not occur")));
    }
    tally.good = equal + diverging;
    tally.summary =
        format!("{area} parity: {} of {} ({equal} equal, {diverging} differ for a reason)", tally.good, tally.all);
    tally
}
