//! What a real auth server answered (`vectors/auth/exchanges.jsonl`), asked again of the stand-in, and
//! given to our client to read.

mod names;
mod read;
mod stand_in;

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;
use serde_json::Value;

pub use read::run as read;
pub use stand_in::{run as stand_in, totp};

/// One line of the recording: one of a request, a browser's way, a message, a code, a pause.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    /// `flow/number`
    id: String,
    request: Option<Request>,
    #[serde(default)]
    status: u16,
    #[serde(default)]
    headers: BTreeMap<String, String>,
    #[serde(default)]
    answer: Value,
    /// What the answer's access token claims.
    claims: Option<Value>,
    /// A URL that a browser goes to, …
    browse: Option<String>,
    /// … and where it lands.
    lands: Option<String>,
    /// A mail or text message that went out.
    message: Option<Message>,
    /// The secret of an authenticator app, whose code stands in `code`.
    totp: Option<String>,
    code: Option<String>,
    /// Seconds in which nothing happens.
    wait: Option<u64>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Request {
    method: String,
    path: String,
    #[serde(default)]
    query: BTreeMap<String, String>,
    /// Whose token goes with it: `anon`, `service`, or a token.
    #[serde(rename = "as")]
    bearer: Option<String>,
    body: Option<Value>,
    /// A body that is no JSON.
    raw: Option<String>,
    /// Whether it names the API version.
    #[serde(default = "yes")]
    version: bool,
}

fn yes() -> bool {
    true
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Message {
    to: String,
    kind: String,
    token: String,
    #[serde(default)]
    hash: Option<String>,
}

impl Line {
    fn flow(&self) -> &str {
        self.id.split('/').next().unwrap_or_default()
    }

    /// Whether something was asked and answered.
    fn is_exchange(&self) -> bool {
        self.request.is_some() || self.browse.is_some()
    }
}

fn recorded(folder: &Path) -> Vec<Line> {
    super::super::lines(&folder.join("auth/exchanges.jsonl"))
}
