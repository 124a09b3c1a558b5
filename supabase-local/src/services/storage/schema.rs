//! Bodies of requests that are JSON, and the words in which the server refuses them.

use axum::http::{HeaderMap, header};
use axum::response::Response;
use serde_json::{Map, Value, json};

use super::refusal::{Answer, Refusal, json_response};

pub(super) struct Fields(Map<String, Value>);

impl Fields {
    pub(super) fn parse(headers: &HeaderMap, bytes: &[u8]) -> Answer<Self> {
        let is_json = headers
            .get(header::CONTENT_TYPE)
            .and_then(|value| value.to_str().ok())
            .is_some_and(|value| value.to_ascii_lowercase().contains("json"));
        if bytes.is_empty() && !is_json {
            return Err(Refusal::schema("body must be object"));
        }
        let broken = |why: &str| Refusal::new(400, "FastifyError", "InvalidRequest", why);
        if bytes.is_empty() {
            return Err(broken("Body cannot be empty when content-type is set to 'application/json'"));
        }
        match serde_json::from_slice(bytes) {
            Ok(Value::Object(fields)) => Ok(Self(fields)),
            Ok(_) => Err(Refusal::schema("body must be object")),
            Err(_) => Err(broken("Body is not valid JSON but content-type is set to 'application/json'")),
        }
    }

    pub(super) fn get(&self, name: &str) -> Option<&Value> {
        self.0.get(name)
    }

    pub(super) fn text(&self, name: &str) -> Answer<Option<String>> {
        match self.0.get(name) {
            None => Ok(None),
            // Scalars are coerced.
            Some(Value::Null) => Ok(Some(String::new())),
            Some(Value::String(text)) => Ok(Some(text.clone())),
            Some(Value::Number(number)) => Ok(Some(number.to_string())),
            Some(Value::Bool(flag)) => Ok(Some(flag.to_string())),
            Some(_) => Err(Refusal::schema(format!("body/{name} must be string"))),
        }
    }

    pub(super) fn required_text(&self, name: &str) -> Answer<String> {
        self.text(name)?.ok_or_else(|| Refusal::schema(format!("body must have required property '{name}'")))
    }

    pub(super) fn boolean(&self, name: &str) -> Answer<Option<bool>> {
        match self.0.get(name) {
            None => Ok(None),
            Some(Value::Bool(flag)) => Ok(Some(*flag)),
            Some(Value::Null) => Ok(Some(false)),
            Some(Value::String(text)) if text == "true" => Ok(Some(true)),
            Some(Value::String(text)) if text == "false" => Ok(Some(false)),
            Some(Value::Number(number)) if number.as_u64() == Some(1) => Ok(Some(true)),
            Some(Value::Number(number)) if number.as_u64() == Some(0) => Ok(Some(false)),
            Some(_) => Err(Refusal::schema(format!("body/{name} must be boolean"))),
        }
    }

    pub(super) fn integer(&self, name: &str, least: i64) -> Answer<Option<i64>> {
        let number = match self.0.get(name) {
            None => return Ok(None),
            Some(Value::Null) => Some(0),
            Some(Value::String(text)) => text.parse().ok(),
            Some(value) => value.as_i64(),
        };
        match number {
            None => Err(Refusal::schema(format!("body/{name} must be integer"))),
            Some(number) if number < least => Err(Refusal::schema(format!("body/{name} must be >= {least}"))),
            Some(number) => Ok(Some(number)),
        }
    }

    /// A list of at least one text.
    pub(super) fn texts(&self, name: &str, most: usize) -> Answer<Vec<String>> {
        let value =
            self.0.get(name).ok_or_else(|| Refusal::schema(format!("body must have required property '{name}'")))?;
        let Value::Array(items) = value else { return Err(Refusal::schema(format!("body/{name} must be array"))) };
        if items.is_empty() {
            return Err(Refusal::schema(format!("body/{name} must NOT have fewer than 1 items")));
        }
        if items.len() > most {
            return Err(Refusal::schema(format!("body/{name} must NOT have more than {most} items")));
        }
        items
            .iter()
            .enumerate()
            .map(|(at, item)| match item {
                Value::String(text) => Ok(text.clone()),
                Value::Number(number) => Ok(number.to_string()),
                _ => Err(Refusal::schema(format!("body/{name}/{at} must be string"))),
            })
            .collect()
    }
}

pub(super) fn message(text: &str) -> Response {
    json_response(200, &json!({ "message": text }))
}
