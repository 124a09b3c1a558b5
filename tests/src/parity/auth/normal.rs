//! One form for what was recorded and what we send.

use serde_json::{Map, Value, json};

use super::server::{HEADERS, Seen};
use super::token::user_jwt;
use super::{LEGACY_KEY, Recorded};

/// A challenge is the base64url of 32 bytes and another one each time.
fn hide_challenge(text: &mut String) {
    if text.len() == 43 {
        "…".clone_into(text);
    }
}

/// Hides what is random in parameters.
pub(super) fn params(params: &mut [(String, String)]) {
    for (_, value) in params.iter_mut().filter(|(name, _)| name == "code_challenge") {
        hide_challenge(value);
    }
}

/// Drops what means nothing and what the official clients send by mistake; hides what is random.
fn body(body: &Value, recorded: &Recorded) -> Value {
    let Value::Object(fields) = body else { return json!({}) };
    // supabase-py leaks `options` into verify_otp and `factor_id` into verify; supabase-js `factorId`
    // and `redirectTo`.
    let leaked = ["options", "factorId", "factor_id", "redirectTo"];
    // supabase-py's resend begins no PKCE flow; supabase-js's does, and so does ours.
    let without_pkce = recorded.python() && recorded.group == "auth.resend";
    let mut kept = Map::new();
    for (name, value) in fields {
        let mut value = value.clone();
        if let Value::Object(inner) = &mut value {
            inner.retain(|_, value| !value.is_null());
        }
        let nothing = value.is_null() || value.as_object().is_some_and(Map::is_empty);
        if nothing || leaked.contains(&name.as_str()) || without_pkce && name.starts_with("code_challenge") {
            continue;
        }
        match (name.as_str(), &mut value) {
            ("code_challenge", Value::String(text)) => hide_challenge(text),
            // supabase-py makes 64 characters of it, supabase-js 112; RFC 7636 asks for 43 to 128.
            ("code_verifier", Value::String(text)) if (43..=128).contains(&text.len()) => "…".clone_into(text),
            _ => {}
        }
        kept.insert(name.clone(), value);
    }
    Value::Object(kept)
}

fn header(name: &'static str, value: &str) -> Option<(&'static str, String)> {
    // The default profile is the same as none.
    (name != "accept-profile" || value != "public").then(|| (name, value.to_owned()))
}

fn expected(line: &Value, recorded: &Recorded) -> Option<Seen> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let mut pairs: Vec<(String, String)> =
        line["params"].as_array().into_iter().flatten().map(|pair| (text(&pair[0]), text(&pair[1]))).collect();
    pairs.sort();
    params(&mut pairs);
    Some(Seen {
        method: line["method"].as_str()?.to_owned(),
        path: text(&line["path"]),
        params: pairs,
        headers: HEADERS.iter().filter_map(|name| header(name, line["headers"][name].as_str()?)).collect(),
        body: body(&line["body"]["json"], recorded),
    })
}

/// What was recorded, and what was seen.
pub(super) fn both(recorded: &Recorded, seen: Vec<Seen>) -> (Vec<Seen>, Vec<Seen>) {
    let theirs = recorded.lines.iter().filter_map(|line| expected(line, recorded)).collect();
    let ours = seen
        .into_iter()
        .map(|mut seen| {
            params(&mut seen.params);
            seen.body = body(&seen.body, recorded);
            seen.headers = seen
                .headers
                .into_iter()
                .filter_map(|(name, value)| {
                    header(name, &value.replace(&user_jwt(), "<JWT_USER>").replace(LEGACY_KEY, "<JWT_ES256>"))
                })
                .collect();
            seen
        })
        .collect();
    (theirs, ours)
}
