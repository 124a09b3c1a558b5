//! A recorded answer and the one that came.

use serde_json::{Value, json};

use super::body::pattern;
use super::placeholder::{Bound, bind};
use super::send::Answer;

/// The first difference between JSON values, placeholders bound and volatile values skipped.
fn differs(
    at: &str,
    expected: &Value,
    actual: &Value,
    volatile: &[String],
    unordered: &[String],
    bound: &mut Bound,
) -> Option<String> {
    if volatile.iter().any(|pointer| pointer == at) {
        // Placeholders in it are still bound.
        if let (Value::String(expected), Value::String(actual)) = (expected, actual) {
            bind(expected, actual, bound);
        }
        return (expected.is_null() != actual.is_null()).then(|| format!("{at}: {actual} instead of {expected}"));
    }
    match (expected, actual) {
        (Value::Object(expected), Value::Object(actual)) => {
            if let Some(name) = expected.keys().find(|name| !actual.contains_key(*name)) {
                return Some(format!("{at}: no `{name}`"));
            }
            if let Some(name) = actual.keys().find(|name| !expected.contains_key(*name)) {
                return Some(format!("{at}: `{name}` is too much"));
            }
            expected.iter().find_map(|(name, value)| {
                differs(&format!("{at}/{name}"), value, &actual[name], volatile, unordered, bound)
            })
        }
        (Value::Array(expected), Value::Array(actual)) => {
            if expected.len() != actual.len() {
                return Some(format!("{at}: {} items instead of {}", actual.len(), expected.len()));
            }
            let mut actual = actual.clone();
            let mut expected = expected.clone();
            if unordered.iter().any(|pointer| pointer == at) {
                let name = |value: &Value| value["name"].as_str().unwrap_or_default().to_owned();
                actual.sort_by_key(name);
                expected.sort_by_key(name);
            }
            expected.iter().zip(&actual).enumerate().find_map(|(index, (expected, actual))| {
                differs(&format!("{at}/{index}"), expected, actual, volatile, unordered, bound)
            })
        }
        (Value::String(expected), Value::String(actual)) => {
            (!bind(expected, actual, bound)).then(|| format!("{at}: {actual:?} instead of {expected:?}"))
        }
        _ => (expected != actual).then(|| format!("{at}: {actual} instead of {expected}")),
    }
}

fn texts(value: &Value) -> Vec<String> {
    value
        .as_array()
        .map(|items| items.iter().filter_map(Value::as_str).map(str::to_owned).collect())
        .unwrap_or_default()
}

/// Long lists are recorded by their names.
fn shortened(kind: &str, actual: &Value) -> Value {
    let names = |rows: &Value| {
        rows.as_array().map(|rows| rows.iter().map(|row| row["name"].clone()).collect::<Vec<_>>()).unwrap_or_default()
    };
    if kind == "json_list" {
        let names = names(actual);
        json!({ "length": names.len(), "names": names })
    } else {
        json!({ "hasNext": actual["hasNext"], "folders": names(&actual["folders"]).len(), "names": names(&actual["objects"]) })
    }
}

/// How the answer differs from the recorded one; placeholders are bound.
pub(super) fn compare(line: &Value, reply: &Answer, bound: &mut Bound) -> Option<String> {
    let response = &line["response"];
    let text = String::from_utf8_lossy(&reply.body).into_owned();
    if response["status"] != reply.status {
        return Some(format!(
            "status {} instead of {}: {}",
            reply.status,
            response["status"],
            text.chars().take(160).collect::<String>()
        ));
    }
    let volatile = texts(&line["volatile"]);
    let unordered: Vec<String> = texts(&line["extra"]["unordered"]);
    let mut wrong = None;
    for (name, expected) in response["headers"].as_object().unwrap() {
        let name = name.to_ascii_lowercase();
        let expected = match expected {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        // The length follows from the body, whose times and tokens may be longer or shorter.
        // And hyper says none where there is never a body.
        if name == "content-length" && (response["body"].get("json").is_some() || reply.status == 304)
            || name.starts_with("access-control-")
        {
            continue;
        }
        let is_volatile = volatile.contains(&format!("/headers/{name}"));
        match reply.header(&name) {
            None => wrong = wrong.or(Some(format!("no header {name}"))),
            Some(actual) => {
                let same = bind(&expected, actual, bound);
                if !same && !is_volatile {
                    wrong = wrong.or(Some(format!("header {name}: {actual:?} instead of {expected:?}")));
                }
            }
        }
    }
    let body = &response["body"];
    let found = if body.is_null() {
        (!reply.body.is_empty()).then(|| format!("a body: {text}"))
    } else if let Some(expected) = body.get("json") {
        match serde_json::from_str::<Value>(&text) {
            Ok(actual) => differs("/body/json", expected, &actual, &volatile, &unordered, bound),
            Err(_) => Some(format!("no JSON: {text}")),
        }
    } else if let Some((kind, expected)) =
        body.as_object().and_then(|body| body.iter().find(|(kind, _)| kind.starts_with("json_list")))
    {
        let actual: Value = serde_json::from_str(&text).unwrap();
        if let Some(cursor) = actual["nextCursor"].as_str() {
            let next = (1..).map(|number| format!("<CURSOR:{number}>")).find(|name| !bound.contains_key(name)).unwrap();
            bound.insert(next, cursor.to_owned());
        }
        let actual = shortened(kind, &actual);
        actual.as_object().unwrap().iter().find_map(|(name, value)| {
            let expected = expected.get(name)?;
            (expected != value).then(|| format!("{name}: {value} instead of {expected}"))
        })
    } else if let Some(expected) = body["text"].as_str() {
        (!bind(expected, &text, bound)).then(|| format!("text {text:?} instead of {expected:?}"))
    } else if body.get("bytes").is_some() && body["bytes"].get("pattern_seed").is_some() {
        (pattern(&body["bytes"]) != reply.body).then(|| "other bytes".to_owned())
    } else if let Some(length) = body["bytes"]["length"].as_u64() {
        (length != reply.body.len() as u64).then(|| format!("{} bytes instead of {length}", reply.body.len()))
    } else {
        None
    };
    wrong.or(found)
}
