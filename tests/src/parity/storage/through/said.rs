//! A recorded request, taken apart.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::StatusCode;
use serde_json::{Map, Value};
use supabase_core::transport::{Recording, Reply, RetryPolicy};
use supabase_core::{Client, Error};

use super::super::exchange::body::bytes_of;
use super::super::exchange::placeholder::Bound;
use super::super::pairs;

/// Why no call of the client is this request.
pub(super) type Why = &'static str;

/// What a call came to: what it read from the answer, or the error.
pub(super) type Came = Result<Vec<Claim>, Error>;

/// Something that a call has read from an answer, to be found in the recorded one.
pub(super) enum Claim {
    /// At this place of the JSON is this value; times count by what they mean.
    Json(String, Value),
    /// The header has this value.
    Header(&'static str, Option<String>),
    /// The body is this.
    Body(Vec<u8>),
}

/// A claim about a member at the top.
pub(super) fn member(name: &str, value: impl Into<Value>) -> Claim {
    Claim::Json(format!("/{name}"), value.into())
}

pub(super) struct Said<'l> {
    pub(super) line: &'l Value,
    pub(super) method: &'l str,
    /// Below `/storage/v1`, as it was sent.
    pub(super) path: &'l str,
    pub(super) query: Vec<(String, String)>,
    /// By lower-case name.
    pub(super) headers: BTreeMap<String, &'l str>,
    pub(super) body: &'l Value,
}

impl<'l> Said<'l> {
    pub(super) fn new(line: &'l Value) -> Self {
        let request = &line["request"];
        let headers = request["headers"].as_object().unwrap();
        Self {
            line,
            method: request["method"].as_str().unwrap(),
            path: request["path"].as_str().unwrap().strip_prefix("/storage/v1").unwrap(),
            query: pairs(request["query"].as_str().unwrap_or_default()),
            headers: headers.iter().map(|(name, value)| (name.to_lowercase(), value.as_str().unwrap())).collect(),
            body: &request["body"],
        }
    }

    pub(super) fn header(&self, name: &str) -> Option<&'l str> {
        self.headers.get(name).copied()
    }

    pub(super) fn upserts(&self) -> bool {
        self.header("x-upsert") == Some("true")
    }

    /// The bytes of the body.
    pub(super) fn bytes(&self) -> Vec<u8> {
        bytes_of(self.body, None, &Bound::new())
    }

    /// The members of a JSON body, which may be these and no others.
    pub(super) fn members(&self, known: &[&str]) -> Result<&'l Map<String, Value>, Why> {
        let members = self.body.get("json").and_then(Value::as_object).ok_or("the client always sends JSON here")?;
        if members.keys().all(|name| known.contains(&name.as_str())) {
            Ok(members)
        } else {
            Err("the body has members that the client has no words for")
        }
    }

    /// Nothing, or an empty object, is said in the body.
    pub(super) fn without_body(&self) -> Result<(), Why> {
        let empty = self.body.is_null() || self.body["json"].as_object().is_some_and(Map::is_empty);
        if empty { Ok(()) } else { Err("the body has members that the client has no words for") }
    }

    /// The user metadata of a header.
    pub(super) fn metadata(&self) -> Option<Value> {
        serde_json::from_slice(&STANDARD.decode(self.header("x-metadata")?).ok()?).ok()
    }

    /// A client of whoever sent this, with these answers.
    pub(super) fn client(&self, replies: impl IntoIterator<Item = Reply>) -> Result<(Client, Recording), Why> {
        let recording = Recording::new(replies);
        let key = self.header("apikey").unwrap_or("<JWT:anon>");
        let client = Client::builder("http://replay.invalid", key)
            .transport(recording.clone())
            .retry(RetryPolicy::none())
            .build()
            .unwrap();
        match self.header("authorization") {
            None => Ok((client, recording)),
            Some(value) => {
                let token = value.strip_prefix("Bearer ").ok_or("the client says `Bearer`")?;
                Ok((client.as_user(token), recording))
            }
        }
    }

    /// The recorded answer.
    pub(super) fn reply(&self) -> Reply {
        let response = &self.line["response"];
        let status = u16::try_from(response["status"].as_u64().unwrap()).unwrap();
        let body = bytes_of(&response["body"], None, &Bound::new());
        let reply = Reply::empty(StatusCode::from_u16(status).unwrap()).body(body);
        let headers = response["headers"].as_object().unwrap().iter();
        headers.fold(reply, |reply, (name, value)| {
            let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            reply.header(name, &text)
        })
    }

    /// The recorded answer says yes.
    pub(super) fn accepted(&self) -> bool {
        self.line["response"]["status"].as_u64().is_some_and(|status| status < 400)
    }
}

/// A text among members, if it is there; another type has no words.
pub(super) fn text<'m>(members: &'m Map<String, Value>, name: &str) -> Result<Option<&'m str>, Why> {
    match members.get(name) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(TYPE),
    }
}

/// The same for a count.
pub(super) fn count(members: &Map<String, Value>, name: &str) -> Result<Option<u32>, Why> {
    match members.get(name) {
        None => Ok(None),
        Some(value) => value.as_u64().and_then(|count| u32::try_from(count).ok()).map(Some).ok_or(TYPE),
    }
}

/// The same for yes or no.
pub(super) fn flag(members: &Map<String, Value>, name: &str) -> Result<Option<bool>, Why> {
    match members.get(name) {
        None => Ok(None),
        Some(value) => value.as_bool().map(Some).ok_or(TYPE),
    }
}

/// The same for a list of texts.
pub(super) fn texts(members: &Map<String, Value>, name: &str) -> Result<Option<Vec<String>>, Why> {
    match members.get(name) {
        None => Ok(None),
        Some(Value::Array(items)) => {
            items.iter().map(|item| item.as_str().map(str::to_owned).ok_or(TYPE)).collect::<Result<_, _>>().map(Some)
        }
        Some(_) => Err(TYPE),
    }
}

/// A member that has to be there.
pub(super) fn needed<T>(value: Option<T>) -> Result<T, Why> {
    value.ok_or("the client always says what is missing here")
}

pub(super) const TYPE: Why = "a value of a type that the client does not take";
