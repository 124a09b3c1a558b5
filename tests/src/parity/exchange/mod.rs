//! Recorded exchanges, told to the untyped builder as an application would.

mod operand;
mod parts;
mod teller;

use std::collections::BTreeMap;

use serde::Deserialize;
use supabase_core::Client;

use super::normal::{self, Plain};
use super::prepared::Prepared;
use teller::Teller;

/// One line of `exchanges.jsonl`.
#[derive(Debug, Clone, Deserialize)]
pub struct Exchange {
    /// `feature/slug`.
    pub id: String,
    /// What it is about.
    pub feature: String,
    /// What to look at.
    pub note: Option<String>,
    /// `read`, `rollback`, or `write:NNN`.
    pub state: String,
    /// Which writes belong together.
    pub group: Option<String>,
    /// Which settings the server had.
    pub server: String,
    /// What has to go on meanwhile.
    pub setup: Option<serde_json::Value>,
    /// The request.
    pub request: Request,
    /// The answer.
    pub response: Response,
    /// What may differ between two replays.
    pub volatile: Vec<String>,
    /// Which other versions answered the same.
    pub same_on: Vec<String>,
}

/// A recorded request.
#[derive(Debug, Clone, Deserialize)]
pub struct Request {
    /// The method.
    pub method: String,
    /// The raw target.
    pub target: String,
    /// The decoded pairs.
    pub params: Vec<(String, String)>,
    /// The headers.
    pub headers: BTreeMap<String, String>,
    /// The body, as text.
    pub body_text: Option<String>,
}

/// A recorded answer.
#[derive(Debug, Clone, Deserialize)]
pub struct Response {
    /// The status.
    pub status: u16,
    /// The headers, names in lower case.
    pub headers: BTreeMap<String, serde_json::Value>,
    /// The body as text.
    pub body_text: Option<String>,
    /// Where the body is, when it is not here.
    pub body_file: Option<String>,
}

impl Exchange {
    /// The request, decoded.
    #[must_use]
    pub fn plain(&self) -> Plain {
        let headers =
            self.request.headers.iter().map(|(name, value)| (name.to_ascii_lowercase(), value.clone())).collect();
        Plain {
            method: self.request.method.clone(),
            path: self.request.target.split('?').next().unwrap_or_default().to_owned(),
            params: self.request.params.clone(),
            headers,
            body: self.request.body_text.clone(),
        }
    }

    /// A header of the answer.
    #[must_use]
    pub fn answer_header(&self, name: &str) -> Option<&str> {
        self.response.headers.get(name)?.as_str()
    }
}

/// How many filters went through which kind of method.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Ways {
    /// Filters by a method that quotes and escapes.
    pub typed: usize,
    /// Filters in the server's own words.
    pub literal: usize,
}

/// A builder's call, and by which ways its filters went.
#[derive(Debug)]
pub struct Told {
    /// The query.
    pub prepared: Prepared,
    /// The ways of the filters.
    pub ways: Ways,
    /// The bare key of the request's role, where the exchange had no token.
    pub anonymous: bool,
}

/// Why no builder says the request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unsaid(pub String);

fn unsaid<T>(why: impl Into<String>) -> Result<T, Unsaid> {
    Err(Unsaid(why.into()))
}

/// Tells a client the exchange's request.
///
/// # Errors
/// When no method says it.
pub fn tell(client: &Client, exchange: &Exchange) -> Result<Told, Unsaid> {
    let plain = exchange.plain();
    let method = plain.method.as_str();
    let target_decoded = normal::of_target(method, &exchange.request.target, Vec::new(), None);
    if target_decoded.params != plain.params {
        return unsaid("bytes in the URL that no text encodes to");
    }
    if plain
        .params
        .iter()
        .any(|(key, value)| key.contains('\u{FFFD}') || value.contains('\u{FFFD}') || value.contains('\0'))
    {
        return unsaid("bytes in the URL that no text encodes to");
    }
    let reads = matches!(method, "GET" | "HEAD");
    let mut own = Vec::new();
    let mut client = client.clone();
    let (relevant, other) =
        if reads { ("accept-profile", "content-profile") } else { ("content-profile", "accept-profile") };
    if let Some(profile) = plain.header(relevant) {
        client = client.schema(profile);
    }
    if let Some(profile) = plain.header(other) {
        own.push((other.to_owned(), profile.to_owned()));
    }
    let mut anonymous = false;
    match plain.header("authorization") {
        None => anonymous = true,
        Some(value) => match value.strip_prefix("Bearer ").filter(|token| !token.is_empty()) {
            Some(token) => client = client.as_user(token),
            None => own.push(("authorization".to_owned(), value.to_owned())),
        },
    }
    for (name, value) in &plain.headers {
        let known = ["accept", "prefer", "content-type", "authorization", "accept-profile", "content-profile"];
        if !known.contains(&name.as_str()) {
            own.push((name.clone(), value.clone()));
        }
    }
    if let Some(media) = plain.header("content-type")
        && media != "application/json"
        && plain.body.is_some()
    {
        if !media.starts_with("application/json") {
            return unsaid(format!("a body of type `{media}`: rows are sent as JSON"));
        }
        own.push(("content-type".to_owned(), media.to_owned()));
    }
    let mut teller = Teller { client, plain: &plain, own, ways: Ways::default(), exchange };
    let segments: Vec<String> = plain.path.trim_start_matches('/').split('/').map(normal::percent_decoded).collect();
    let prepared = match (method, &segments[..]) {
        ("GET", [root]) if root.is_empty() => teller.root()?,
        (_, [root]) if root.is_empty() => return unsaid("a request of the root that is no read of its description"),
        ("GET" | "HEAD" | "POST", [rpc, function]) if rpc == "rpc" => teller.call(function)?,
        ("GET" | "HEAD", [table]) => teller.read(table)?,
        ("POST", [table]) => teller.insert(table)?,
        ("PATCH", [table]) => teller.update(table)?,
        ("DELETE", [table]) => teller.delete(table)?,
        ("PUT", _) => return unsaid("PUT: an upsert by POST says the same, and no client sends PUT"),
        ("OPTIONS", _) => return unsaid("OPTIONS: no client sends it, browsers do"),
        ("GET" | "HEAD" | "POST" | "PATCH" | "DELETE", _) => {
            return unsaid("a path that is neither a table nor a function");
        }
        (other, _) => return unsaid(format!("{other}: no client sends it")),
    };
    Ok(Told { prepared, ways: teller.ways, anonymous })
}
