//! Replays the calls of the official clients that `tests/vectors` recorded for Edge Functions.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // a test may fail by panicking

use std::collections::BTreeMap;
use std::future::IntoFuture;

use bytes::Bytes;
use futures_util::StreamExt;
use http::{Method, StatusCode};
use serde_json::{Value, json};
use supabase_core::functions::{Form, Functions, Region};
use supabase_core::transport::{Recording, Reply};
use supabase_core::{Client, ErrorKind};

const KEY: &str = "sb_publishable_testkey";

/// Lines whose difference is on purpose: the call, and why.
const DIVERGENCES: &[(&str, &str)] = &[(
    "authorization",
    "supabase-py sends a publishable key as a Bearer token, which a function takes for a broken JWT",
)];

fn lines(file: &str, group: &str) -> Vec<Value> {
    let path = format!("{}/vectors/{file}", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(&path)
        .unwrap_or_else(|error| panic!("{path}: {error}"))
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).expect("a line of JSON"))
        .filter(|line| line["group"].as_str().is_some_and(|name| name.starts_with(group)))
        .collect()
}

fn client(recording: &Recording) -> Client {
    Client::builder("https://example.supabase.co", KEY).transport(recording.clone()).build().unwrap()
}

/// The recorded call, made with this client.
async fn call(functions: Functions, call: &str) -> Result<Bytes, supabase_core::Error> {
    let invoke = match call {
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
            functions.set_auth("tok").invoke("f")
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
        other => panic!("a recorded call that this test does not know: {other}"),
    };
    invoke.into_future().await.map(supabase_core::functions::FunctionAnswer::bytes)
}

/// What of the recorded headers says something to the server.
fn meaningful(headers: &BTreeMap<String, String>) -> BTreeMap<String, String> {
    headers
        .iter()
        .filter(|(name, _)| !matches!(name.as_str(), "accept" | "x-client-info" | "content-length" | "user-agent"))
        .map(|(name, value)| {
            let value = if value.starts_with("multipart/form-data") { "multipart/form-data" } else { value };
            (name.clone(), value.to_owned())
        })
        .collect()
}

#[tokio::test]
async fn calls_are_those_of_the_official_clients() {
    let (mut same, mut on_purpose, mut all) = (0, 0, 0);
    for file in ["wire_js.jsonl", "wire_py.jsonl"] {
        for line in lines(file, "functions") {
            all += 1;
            let text = line["call"].as_str().unwrap();
            let recording = Recording::new([Reply::json(StatusCode::OK, r#"{"ok":true}"#)]);
            let answer = call(client(&recording).functions(), text).await;
            let sent = recording.sent();
            if line["method"].is_null() {
                assert_eq!(answer.unwrap_err().kind(), ErrorKind::Refused, "{text}");
                assert!(sent.is_empty(), "{text}: nothing may be sent");
                same += 1;
                continue;
            }
            assert_eq!(&answer.unwrap()[..], br#"{"ok":true}"#);
            let [sent] = &sent[..] else { panic!("{text}: {} requests", sent.len()) };
            let url = url::Url::parse(&sent.url).unwrap();
            assert_eq!(sent.method.as_str(), line["method"].as_str().unwrap(), "{text}");
            assert_eq!(url.path(), line["path"].as_str().unwrap(), "{text}");
            let params: Vec<(String, String)> = url.query_pairs().into_owned().collect();
            let wanted: Vec<(String, String)> = serde_json::from_value(line["params"].clone()).unwrap();
            assert_eq!(params, wanted, "{text}");

            let headers: BTreeMap<String, String> = sent
                .headers
                .iter()
                .map(|(name, value)| (name.as_str().to_owned(), value.to_str().unwrap().to_owned()))
                .collect();
            let mut wanted = meaningful(&serde_json::from_value(line["headers"].clone()).unwrap());
            let bearer = format!("Bearer {KEY}");
            if wanted.get("authorization") == Some(&bearer) {
                wanted.remove("authorization");
                on_purpose += 1;
            } else {
                same += 1;
            }
            assert_eq!(meaningful(&headers), wanted, "{text}");

            match &line["body"] {
                Value::Null => assert!(sent.body.is_empty(), "{text}"),
                body if body["raw"].is_string() => assert_eq!(sent.body, body["raw"].as_str().unwrap(), "{text}"),
                body if body["text"].is_string() => assert_eq!(sent.body, body["text"].as_str().unwrap(), "{text}"),
                body => {
                    let part = &body["multipart"][0];
                    let body = String::from_utf8(sent.body.to_vec()).unwrap();
                    let disposition = part["headers"]["content-disposition"].as_str().unwrap();
                    let wanted =
                        format!("content-disposition: {disposition}\r\n\r\n{}\r\n--", part["data"].as_str().unwrap());
                    assert!(body.contains(&wanted), "{text}: {body}");
                }
            }
        }
    }
    println!("functions: {same} of {all} requests the same, {on_purpose} different on purpose:");
    for (what, why) in DIVERGENCES {
        println!("  {what}: {why}");
    }
    assert_eq!((same + on_purpose, all), (17, 17));
}

#[tokio::test]
async fn errors_keep_what_the_official_clients_keep() {
    let mut all = 0;
    for file in ["errors_js.jsonl", "errors_py.jsonl"] {
        for line in lines(file, "functions") {
            all += 1;
            let response = &line["responses"][0];
            let status = StatusCode::from_u16(u16::try_from(response[0].as_u64().unwrap()).unwrap()).unwrap();
            let mut reply = Reply::empty(status).body(response[2].as_str().unwrap().to_owned());
            for (name, value) in response[1].as_object().unwrap() {
                reply = reply.header(name, value.as_str().unwrap());
            }
            let recording = Recording::new([reply]);
            let functions = client(&recording).functions();
            let text = response[2].as_str().unwrap();
            if response[1]["Content-Type"] == "text/event-stream" {
                let events: Vec<_> = functions.invoke("f").stream().await.unwrap().events().collect().await;
                assert_eq!(events[0].as_ref().unwrap().data, "a");
                continue;
            }
            let error = functions.invoke("f").await.unwrap_err();
            assert_eq!(recording.sent().len(), line["requests"].as_array().unwrap().len(), "{text}");
            let body = error.functions().expect("what the function said");
            assert_eq!((body.status, &*body.text), (status, text));
            assert!(error.postgrest().is_none());
            let relay = line.to_string().contains("FunctionsRelayError");
            assert_eq!(error.code() == Some("relay"), relay, "{text}");
            if let Some(message) = line["error"]["message"].as_str() {
                assert_eq!(body.message, message);
            }
        }
    }
    println!("functions: {all} of {all} reactions to errors the same");
    assert_eq!(all, 6);
}
