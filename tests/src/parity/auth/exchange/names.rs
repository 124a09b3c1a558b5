//! Names for what is random: `<uuid:1>` stands for one text throughout its flow, `<time>` for any time.

use std::collections::BTreeMap;

use serde_json::Value;

/// The texts that names stand for, in one flow.
#[derive(Debug, Default)]
pub(super) struct Names(BTreeMap<String, String>);

/// A part of a text: letters, or a name.
enum Part<'t> {
    Letters(&'t str),
    Name(&'t str),
}

/// `<kind>` or `<kind:number>`; anything else between angle brackets is text.
fn is_name(text: &str) -> bool {
    let inner = text.trim_start_matches('<').trim_end_matches('>');
    let (kind, number) = inner.split_once(':').unwrap_or((inner, "1"));
    let kinds = ["time", "epoch", "server", "expired", "provider"];
    (inner.contains(':') || kinds.contains(&kind))
        && !kind.is_empty()
        && kind.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-')
        && number.bytes().all(|byte| byte.is_ascii_digit())
        && !number.is_empty()
}

fn parts(text: &str) -> Vec<Part<'_>> {
    let mut parts = Vec::new();
    let (mut rest, mut from) = (text, 0);
    while let Some(at) = rest[from..].find('<').map(|at| at + from) {
        match rest[at..].find('>').map(|end| at + end + 1) {
            Some(end) if is_name(&rest[at..end]) => {
                if at > 0 {
                    parts.push(Part::Letters(&rest[..at]));
                }
                parts.push(Part::Name(&rest[at..end]));
                (rest, from) = (&rest[end..], 0);
            }
            _ => from = at + 1,
        }
    }
    if !rest.is_empty() {
        parts.push(Part::Letters(rest));
    }
    parts
}

/// Whether a text is of the kind that its name says.
fn fits(name: &str, text: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    match name.trim_start_matches('<').trim_end_matches('>').split(':').next().unwrap_or_default() {
        "uuid" => text.len() == 36 && text.bytes().filter(|byte| *byte == b'-').count() == 4,
        "time" => chrono::DateTime::parse_from_rfc3339(text).is_ok(),
        "epoch" => digits(text) && text.len() == 10,
        "jwt" => text.starts_with("eyJ") && text.split('.').count() == 3,
        "otp" | "totp" => text.len() == 6 && digits(text),
        "digest" => matches!(text.len(), 15 | 43),
        "hash" => text.trim_start_matches("pkce_").len() == 56,
        _ => !text.is_empty(),
    }
}

impl Names {
    pub(super) fn bind(&mut self, name: &str, text: impl Into<String>) {
        self.0.insert(name.to_owned(), text.into());
    }

    pub(super) fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// Puts the texts in place of the names.
    pub(super) fn fill(&self, text: &str) -> String {
        let part = |part: Part<'_>| match part {
            Part::Letters(letters) => letters.to_owned(),
            Part::Name(name) => self.get(name).unwrap_or(name).to_owned(),
        };
        parts(text).into_iter().map(part).collect()
    }

    pub(super) fn fill_value(&self, value: &Value) -> Value {
        match value {
            Value::String(text) => Value::String(self.fill(text)),
            Value::Array(items) => items.iter().map(|item| self.fill_value(item)).collect(),
            Value::Object(fields) => {
                fields.iter().map(|(name, value)| (name.clone(), self.fill_value(value))).collect()
            }
            other => other.clone(),
        }
    }

    /// Whether a text is the expected one; names that come up for the first time are bound.
    pub(super) fn matches(&mut self, expected: &str, actual: &str) -> bool {
        let (parts, mut rest) = (parts(expected), actual);
        for (at, part) in parts.iter().enumerate() {
            let taken = match part {
                Part::Letters(letters) => match rest.strip_prefix(letters) {
                    Some(after) => {
                        rest = after;
                        continue;
                    }
                    None => return false,
                },
                Part::Name(_) => match parts.get(at + 1) {
                    Some(Part::Letters(next)) => rest.find(next),
                    Some(Part::Name(_)) => None,
                    None => Some(rest.len()),
                },
            };
            let (Some(end), Part::Name(name)) = (taken, part) else { return false };
            let text = &rest[..end];
            let volatile = matches!(*name, "<time>" | "<epoch>");
            match self.0.get(*name).filter(|_| !volatile) {
                Some(known) if known != text => return false,
                Some(_) => {}
                None if !fits(name, text) => return false,
                None => {
                    if !volatile {
                        self.bind(name, text);
                    }
                }
            }
            rest = &rest[end..];
        }
        rest.is_empty()
    }

    /// Every difference between two values, each with its place.
    pub(super) fn differences(&mut self, at: &str, expected: &Value, actual: &Value, out: &mut Vec<String>) {
        match (expected, actual) {
            (Value::Object(expected), Value::Object(actual)) => {
                for (name, value) in expected {
                    match actual.get(name) {
                        Some(actual) => self.differences(&format!("{at}/{name}"), value, actual, out),
                        None => out.push(format!("{at}/{name}: missing, expected {value}")),
                    }
                }
                let surplus = actual.keys().filter(|name| !expected.contains_key(*name));
                out.extend(surplus.map(|name| format!("{at}/{name}: too much")));
            }
            (Value::Array(expected), Value::Array(actual)) if expected.len() == actual.len() => {
                for (index, (expected, actual)) in expected.iter().zip(actual).enumerate() {
                    self.differences(&format!("{at}/{index}"), expected, actual, out);
                }
            }
            (Value::String(text), Value::String(actual)) if self.matches(text, actual) => {}
            (Value::String(text), Value::Number(actual)) if text == "<epoch>" && fits(text, &actual.to_string()) => {}
            (expected, actual) if expected == actual => {}
            (expected, actual) => out.push(format!("{at}: {actual} instead of {expected}")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Names;

    #[test]
    fn a_name_is_bound_once_and_holds_from_then_on() {
        let mut names = Names::default();
        assert!(names.matches("code=<otp:1>&at=<time>", "code=123456&at=2024-01-01T00:00:00Z"));
        assert_eq!(names.fill("[<otp:1>]"), "[123456]");
        assert!(names.matches("<otp:1>", "123456") && !names.matches("<otp:1>", "654321"));
        assert!(!names.matches("<otp:2>", "12345"), "a code has six digits");
        assert!(names.matches("<b>bold</b>", "<b>bold</b>"), "markup is text");
    }
}
