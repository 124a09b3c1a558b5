//! What our client sent and read, beside what is recorded.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use supabase_core::transport::Sent;
use supabase_core::{Error, ErrorKind};

use super::super::wire::form;
use super::super::{decode, pairs, split};
use super::objects::answered;
use super::said::{Claim, Said};
use super::uploads;

/// How the request differs from the recorded one. What a recorded request leaves out and our client always says is no
/// difference, as long as it is what leaving it out means, or a choice of every official client: defaults of lists and
/// buckets, `x-upsert: false`, how long caches may keep an object, who asks.
pub(super) fn request(said: &Said<'_>, sent: &Sent) -> Option<String> {
    if sent.method.as_str() != said.method {
        return Some(format!("method {} instead of {}", sent.method, said.method));
    }
    let target = sent.url.strip_prefix("http://replay.invalid/storage/v1").unwrap();
    let (path, query) = split(target);
    if decode(path, false) != decode(said.path, false) {
        return Some(format!("path {path} instead of {}", said.path));
    }
    let (mut ours, mut theirs) = (pairs(query), said.query.clone());
    ours.sort();
    theirs.sort();
    if ours != theirs {
        return Some(format!("query {ours:?} instead of {theirs:?}"));
    }
    headers(said, sent).or_else(|| body(said, sent))
}

fn headers(said: &Said<'_>, sent: &Sent) -> Option<String> {
    let ours = |name: &str| sent.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let json = |text: &str| serde_json::from_slice::<Value>(&STANDARD.decode(text).ok()?).ok();
    for (name, theirs) in &said.headers {
        let same = match name.as_str() {
            "x-metadata" => ours(name) == *theirs || json(ours(name)).is_some_and(|ours| Some(ours) == json(theirs)),
            "content-type" if theirs.starts_with("multipart/") => {
                ours(name).starts_with("multipart/form-data; boundary=")
            }
            "upload-metadata" => metadata(ours(name), theirs),
            "content-length" => ours(name).is_empty(),
            _ => ours(name) == *theirs,
        };
        if !same {
            return Some(format!("{name}: {:?} instead of {theirs:?}", ours(name)));
        }
    }
    let more = sent.headers.keys().map(http::HeaderName::as_str).filter(|name| !said.headers.contains_key(*name));
    for name in more {
        let meant = match name {
            "apikey" | "authorization" | "x-client-info" | "accept" | "user-agent" => true,
            "accept-encoding" => ours(name) == "identity",
            "x-upsert" => ours(name) == "false" || said.method == "PATCH" || said.method == "HEAD",
            "cache-control" => ours(name).starts_with("max-age="),
            // Of an empty object that stands for no body, or of a body that is recorded as JSON.
            "content-type" => ours(name) == "application/json",
            _ => false,
        };
        if !meant {
            return Some(format!("{name}: {:?}, which is not recorded", ours(name)));
        }
    }
    None
}

/// Every recorded pair of a resumable upload's metadata is there. The client says the cache control and the user
/// metadata as well.
fn metadata(ours: &str, theirs: &str) -> bool {
    let ours: Vec<&str> = ours.split(',').collect();
    theirs.split(',').all(|pair| ours.contains(&pair))
}

/// A body with what the server takes for granted.
fn with_defaults(said: &Said<'_>, mut body: Value) -> Value {
    let first: Vec<&str> = said.path.split('/').skip(1).take(2).collect();
    let mut absent = |name: &str, value: Value| {
        if body.get(name).is_none() {
            body[name] = value;
        }
    };
    match (said.method, first.as_slice()) {
        ("POST", ["bucket"]) => {
            let name = said.body["json"]["name"].clone();
            absent("id", name);
            absent("public", json!(false));
        }
        ("PUT", ["bucket", id]) => {
            absent("id", decode(id, false).into());
            absent("name", decode(id, false).into());
        }
        ("POST", ["object", "list"]) => {
            absent("limit", json!(100));
            absent("offset", json!(0));
            absent("sortBy", json!({ "column": "name", "order": "asc" }));
        }
        _ => {}
    }
    if let Some(sort) = body.get_mut("sortBy").filter(|sort| sort.get("order").is_none()) {
        sort["order"] = json!("asc");
    }
    body
}

fn body(said: &Said<'_>, sent: &Sent) -> Option<String> {
    if let Some(recorded) = said.body["multipart"].as_array() {
        let content_type = sent.headers["content-type"].to_str().unwrap();
        let theirs = uploads::parts(recorded);
        let says_caching = theirs.iter().any(|part| part.name == "cacheControl");
        let mut ours = form::sent(&sent.body, content_type);
        ours.retain(|part| says_caching || part.name != "cacheControl");
        let (mut ours, mut theirs) = (form::normal_parts(ours), form::normal_parts(theirs));
        // The order of the fields means nothing; the file is the last in both.
        ours.sort();
        theirs.sort();
        return (ours != theirs).then(|| format!("form {ours:?} instead of {theirs:?}"));
    }
    let is_object = said.path.starts_with("/object/") && said.headers.contains_key("content-type");
    if let Some(theirs) = said.body.get("json")
        && !(is_object && matches!(said.method, "POST" | "PUT") && serde_json::from_slice::<Value>(&sent.body).is_err())
    {
        let theirs = with_defaults(said, theirs.clone());
        let ours: Value = serde_json::from_slice(&sent.body).unwrap_or_else(|_| json!({}));
        let ours = with_defaults(said, ours);
        return (ours != theirs).then(|| format!("body {ours} instead of {theirs}"));
    }
    let ours: &[u8] = if said.body.is_null() && sent.body == "{}" { b"" } else { &sent.body };
    (ours != said.bytes()).then(|| format!("{} other bytes instead of {}", ours.len(), said.bytes().len()))
}

/// Which kind an answer has to be, by a table of the test's own.
fn kind(status: u64, code: Option<&str>, message: &str) -> ErrorKind {
    match (status, code) {
        (_, Some("InvalidJWT")) => ErrorKind::Unauthenticated,
        (_, Some("InvalidSignature")) => ErrorKind::PermissionDenied,
        (403, _) => {
            let of_the_token = ["JWS", "signature verification failed", "claim timestamp check failed", "(Algorithm)"];
            if of_the_token.iter().any(|words| message.contains(words)) {
                ErrorKind::Unauthenticated
            } else {
                ErrorKind::PermissionDenied
            }
        }
        (400 | 412..=416, _) => ErrorKind::InvalidInput,
        (404 | 410, _) => ErrorKind::NotFound,
        (409, _) => ErrorKind::Conflict,
        _ => ErrorKind::Api,
    }
}

/// How our error differs from the recorded refusal.
pub(super) fn refusal(said: &Said<'_>, error: &Error) -> Option<String> {
    let response = &said.line["response"];
    let status = response["status"].as_u64().unwrap();
    if error.status().map(|status| u64::from(status.as_u16())) != Some(status) {
        return Some(format!("the status of {error} is not {status}"));
    }
    let body = &response["body"]["json"];
    let text = response["body"]["text"].as_str().map(str::trim);
    let means = body["statusCode"].as_u64().or_else(|| body["statusCode"].as_str()?.parse().ok()).unwrap_or(status);
    let code = body["code"].as_str().or_else(|| body["error"].as_str());
    let message = body["message"].as_str().or(text);
    let wanted = kind(means, code, message.unwrap_or_default());
    if error.kind() != wanted {
        return Some(format!("kind {:?} instead of {wanted:?}", error.kind()));
    }
    if error.code() != code {
        return Some(format!("code {:?} instead of {code:?}", error.code()));
    }
    let words = error.storage().map(|body| body.message.as_str());
    (message.is_some() && words != message).then(|| format!("message {words:?} instead of {message:?}"))
}

/// The first claim that the recorded answer does not bear out.
pub(super) fn claims(said: &Said<'_>, claims: &[Claim]) -> Option<String> {
    let response = &said.line["response"];
    let body = &response["body"]["json"];
    claims.iter().find_map(|claim| match claim {
        Claim::Json(at, _) if at == "304" => (response["status"] != 304).then(|| "taken for unchanged".to_owned()),
        Claim::Json(at, value) => {
            let found = if let Some(at) = at.strip_suffix('#') {
                json!(body.pointer(at).and_then(Value::as_array).map(Vec::len))
            } else if let Some(at) = at.strip_suffix('?') {
                // The token of a signed URL; the rest of the URL is built from the key.
                let url = body.pointer(at).and_then(Value::as_str);
                json!(url.map(|url| url.split_once("token=").map_or("", |(_, token)| token)))
            } else {
                body.pointer(at).cloned().unwrap_or_default()
            };
            (!same(value, &found)).then(|| format!("{at}: read {value} of {found}"))
        }
        Claim::Header(name, value) => {
            let headers = response["headers"].as_object().unwrap().iter();
            let found = headers.filter(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value);
            let found = found.map(|value| value.as_str().map_or_else(|| value.to_string(), str::to_owned)).next();
            (found != *value).then(|| format!("{name}: read {value:?} of {found:?}"))
        }
        Claim::Body(bytes) => {
            let recorded = answered(said);
            (*bytes != recorded)
                .then(|| format!("{} other bytes than the {} of the answer", bytes.len(), recorded.len()))
        }
    })
}

fn same(ours: &Value, recorded: &Value) -> bool {
    let time = |value: &Value| chrono::DateTime::parse_from_rfc3339(value.as_str()?).ok();
    ours == recorded || time(ours).is_some_and(|ours| Some(ours) == time(recorded))
}
