//! The recorded calls of Edge Functions, and what the official clients made of canned answers.

use std::collections::BTreeMap;
use std::path::Path;

use futures_util::StreamExt;
use http::{Method, StatusCode};
use serde_json::{Value, json};
use supabase_core::functions::{Form, FunctionAnswer, Functions, Invoke, Region};
use supabase_core::transport::{Recording, Reply, RetryPolicy, Sent};
use supabase_core::{ErrorKind, Result};

use super::Tally;
use super::wire::client;

/// What the answers of the recordings have in their body.
const ANSWER: &str = r#"{"ok":true}"#;

const KEY_AS_TOKEN: &str =
    "supabase-py sends a publishable key as a Bearer token, which a function takes for a broken JWT";

/// A recorded call, made with our client; nothing for one that is not known.
fn call(functions: &Functions, text: &str) -> Option<Invoke> {
    Some(match text {
        "supabase.functions.invoke('f')" | "supabase.functions.invoke('f', {'responseType': 'json'})" => {
            functions.invoke("f")
        }
        "supabase.functions.invoke('f',{body:new Uint8Array([0,1]).buffer})"
        | "supabase.functions.invoke('f', {'body': b'\\x00\\x01'})" => functions.invoke("f").bytes(vec![0, 1]),
        "supabase.functions.invoke('f',{body:{a:1},headers:{'x-custom':'v','content-type':'application/vnd.x+json'}})" => {
            functions
                .invoke("f")
                .json(&json!({"a": 1}))
                .header("x-custom", "v")
                .header("content-type", "application/vnd.x+json")
        }
        "supabase.functions.invoke('f',{region:FunctionRegion.UsEast1})" => {
            functions.invoke("f").region(Region::UsEast1)
        }
        "supabase.functions.invoke('f?name=bob',{region:'eu-west-1'})" => {
            functions.invoke("f?name=bob").region("eu-west-1")
        }
        "supabase.functions.invoke('f',{body:(()=>{const f=new FormData();f.append('a','b');return f})()})" => {
            functions.invoke("f").multipart(&Form::new().text("a", "b"))
        }
        "fn.invoke('f')" | "[supabase.functions.set_auth('tok'), supabase.functions.invoke('f')]" => {
            functions.clone().set_auth("tok").invoke("f")
        }
        "supabase.functions.invoke('hello-world', invoke_options={'body': {'name': 'Functions'}})" => {
            functions.invoke("hello-world").json(&json!({"name": "Functions"}))
        }
        "supabase.functions.invoke('hello-world')" => functions.invoke("hello-world"),
        "supabase.functions.invoke('f', {'method': 'PATCH', 'body': {'a': None}})" => {
            functions.invoke("f").method(Method::PATCH).json(&json!({"a": null}))
        }
        "supabase.functions.invoke('f', {'region': 'any'})" => functions.invoke("f").region("any"),
        "supabase.functions.invoke('sub/path')" => functions.invoke("sub/path"),
        "supabase.functions.invoke('')" => functions.invoke(""),
        "supabase.functions.invoke('f', {'body': [1,2]})" => functions.invoke("f").json(&[1, 2]),
        _ => return None,
    })
}

/// What of the headers says something to the server.
fn meaningful<'h>(headers: impl IntoIterator<Item = (&'h str, &'h str)>) -> BTreeMap<String, String> {
    headers
        .into_iter()
        .filter(|(name, _)| !matches!(*name, "accept" | "x-client-info" | "content-length" | "user-agent"))
        .map(|(name, value)| {
            // The boundary is each client's own.
            let value = if value.starts_with("multipart/form-data") { "multipart/form-data" } else { value };
            (name.to_owned(), value.to_owned())
        })
        .collect()
}

fn body_of(line: &Value, sent: &Sent) -> Option<String> {
    let ours = String::from_utf8_lossy(&sent.body).into_owned();
    let same = match &line["body"] {
        Value::Null => ours.is_empty(),
        body => match (body["raw"].as_str().or(body["text"].as_str()), &body["multipart"][0]) {
            (Some(theirs), _) => ours == theirs,
            (None, part) => {
                let disposition = part["headers"]["content-disposition"].as_str().unwrap_or_default();
                let data = part["data"].as_str().unwrap_or_default();
                ours.contains(&format!("content-disposition: {disposition}\r\n\r\n{data}\r\n--"))
            }
        },
    };
    (!same).then(|| format!("body: theirs {}, ours {ours:?}", line["body"]))
}

/// Where our request is another one; the flag says that it is for the one reason there is.
fn difference(line: &Value, sent: &Sent) -> (Vec<String>, bool) {
    let mut parts = Vec::new();
    let url = url::Url::parse(&sent.url).expect("what was sent has a URL");
    let params: Vec<(String, String)> = url.query_pairs().into_owned().collect();
    let same = |parts: &mut Vec<String>, name: &str, theirs: Value, ours: Value| {
        if theirs != ours {
            parts.push(format!("{name}: theirs {theirs}, ours {ours}"));
        }
    };
    same(&mut parts, "method", line["method"].clone(), json!(sent.method.as_str()));
    same(&mut parts, "path", line["path"].clone(), json!(url.path()));
    same(&mut parts, "params", line["params"].clone(), json!(params));
    let headers = line["headers"].as_object().into_iter().flatten();
    let mut theirs = meaningful(headers.filter_map(|(name, value)| Some((name.as_str(), value.as_str()?))));
    let ours = meaningful(sent.headers.iter().filter_map(|(name, value)| Some((name.as_str(), value.to_str().ok()?))));
    let key_as_token = !ours.contains_key("authorization")
        && theirs.get("authorization").is_some_and(|bearer| bearer.starts_with("Bearer sb_"));
    if key_as_token {
        theirs.remove("authorization");
    }
    same(&mut parts, "headers", json!(theirs), json!(ours));
    parts.extend(body_of(line, sent));
    (parts, key_as_token)
}

/// The lines of one group of the functions in both languages' files, with the language.
fn lines(folder: &Path, file: &str) -> Vec<(&'static str, Value)> {
    ["py", "js"]
        .into_iter()
        .flat_map(|language| {
            let lines: Vec<Value> = super::lines(&folder.join(format!("{file}_{language}.jsonl")));
            lines.into_iter().map(move |line| (language, line))
        })
        .filter(|(_, line)| line["group"].as_str().is_some_and(|group| group.starts_with("functions.")))
        .collect()
}

/// Replays the recorded calls.
pub async fn run(folder: &Path) -> Tally {
    let mut tally = Tally::default();
    let (mut equal, mut diverging) = (0, 0);
    let lines = lines(folder, "wire");
    for (language, line) in &lines {
        let text = line["call"].as_str().unwrap_or_default();
        let name = format!("{language} {} {text}", line["group"].as_str().unwrap_or_default());
        let recording = Recording::new([Reply::json(StatusCode::OK, ANSWER)]);
        let Some(invoke) = call(&client(&recording, RetryPolicy::none()).functions(), text) else {
            tally.failures.push(format!("{name}: this call is not known"));
            continue;
        };
        let answer = invoke.send().await.map(FunctionAnswer::bytes);
        let sent = recording.sent();
        if line["method"].is_null() {
            match answer {
                Err(error) if error.kind() == ErrorKind::Refused && sent.is_empty() => equal += 1,
                other => tally.failures.push(format!("{name}: theirs sends nothing, ours gave {other:?}")),
            }
            continue;
        }
        let (parts, key_as_token) = match (&answer, &sent[..]) {
            (Ok(body), [sent]) if body == ANSWER => difference(line, sent),
            other => (vec![format!("{other:?}")], false),
        };
        if !parts.is_empty() {
            tally.failures.push(format!("{name}: {}", parts.join("; ")));
        } else if key_as_token {
            diverging += 1;
            tally.notes.push(format!("{name}: {KEY_AS_TOKEN}"));
        } else {
            equal += 1;
        }
    }
    tally.summary =
        format!("functions: {} of {} ({equal} equal, {diverging} differ for a reason)", equal + diverging, lines.len());
    (tally.good, tally.all) = (equal + diverging, lines.len());
    tally
}

/// What our client makes of the canned answers of a line; the reason where it is something else on purpose.
async fn reaction(line: &Value) -> Result<Option<&'static str>, String> {
    let canned = &line["responses"][0];
    let (status, text) = (canned[0].as_u64().unwrap_or_default(), canned[2].as_str().unwrap_or_default());
    let status = StatusCode::from_u16(u16::try_from(status).unwrap_or_default()).map_err(|error| error.to_string())?;
    let headers = canned[1].as_object().into_iter().flatten();
    let reply = headers.fold(Reply::empty(status).body(text.to_owned()), |reply, (name, value)| {
        reply.header(name, value.as_str().unwrap_or_default())
    });
    let recording = Recording::new([reply]);
    let invoke = client(&recording, RetryPolicy::default()).functions().invoke("f");
    if canned[1]["Content-Type"] == "text/event-stream" {
        // supabase-js hands out the response; with us it is a stream of events.
        let answer = invoke.stream().await.map_err(|error| error.to_string())?;
        let events: Vec<_> = answer.events().filter_map(async |event| event.ok()).collect().await;
        let data: Vec<&str> = events.iter().map(|event| event.data.as_str()).collect();
        return if data == ["a"] { Ok(None) } else { Err(format!("the events {data:?}")) };
    }
    let Err(error) = invoke.send().await else { return Err("no error".to_owned()) };
    let requests = line["requests"].as_array().map_or(0, Vec::len);
    if recording.sent().len() != requests {
        return Err(format!("requests: theirs {requests}, ours {}", recording.sent().len()));
    }
    let Some(said) = error.functions() else { return Err(format!("not an error of a function: {error}")) };
    // JavaScript has its error in the result, Python raises it.
    let theirs = if line["error"].is_null() { &line["result"]["error"] } else { &line["error"] };
    let relay = theirs["name"] == "FunctionsRelayError";
    if (said.status, &*said.text) != (status, text) || (error.code() == Some("relay")) != relay {
        return Err(format!("status {}, body {:?}, code {:?}", said.status, said.text, error.code()));
    }
    if theirs["message"] == json!(said.message) {
        return Ok(None);
    }
    if theirs["message"] == "Edge Function returned a non-2xx status code"
        || theirs["message"] == "Relay Error invoking the Edge Function"
    {
        return Ok(Some(
            "supabase-js says the same of every failure and leaves reading the body to the caller; ours tells what \
             the function or the relay said",
        ));
    }
    Err(format!("message: theirs {}, ours {:?}", theirs["message"], said.message))
}

/// Replays the canned answers.
pub async fn errors(folder: &Path) -> Tally {
    let mut tally = Tally::default();
    let lines = lines(folder, "errors");
    let (mut equal, mut diverging) = (0, 0);
    for (language, line) in &lines {
        let name = format!("{language} functions.error {}", line["responses"][0]);
        match reaction(line).await {
            Ok(None) => equal += 1,
            Ok(Some(reason)) => {
                diverging += 1;
                tally.notes.push(format!("{name}: {reason}"));
            }
            Err(why) => tally.failures.push(format!("{name}: {why}")),
        }
    }
    tally.summary = format!(
        "functions' errors: {} of {} ({equal} equal, {diverging} differ for a reason)",
        equal + diverging,
        lines.len()
    );
    (tally.good, tally.all) = (equal + diverging, lines.len());
    tally
}
