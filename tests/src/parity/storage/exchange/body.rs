//! The recorded forms of a body, as bytes.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use super::placeholder::{Bound, fill};

/// Bytes that are recorded by the rule that makes them.
pub(crate) fn pattern(spec: &Value) -> Vec<u8> {
    let number = |name: &str| spec[name].as_u64().unwrap_or(0);
    let (length, seed, from) = (number("length"), number("pattern_seed"), number("from"));
    (from..from + length)
        .map(|position| {
            let at = position % 65536;
            ((at * 131 + (at >> 8) * 17 + seed) % 256) as u8
        })
        .collect()
}

/// The bytes of a body.
pub(crate) fn bytes_of(body: &Value, boundary: Option<&str>, bound: &Bound) -> Vec<u8> {
    if let Some(json) = body.get("json") {
        return fill(&json.to_string(), bound).into_bytes();
    }
    if let Some(text) = body["text"].as_str() {
        return fill(text, bound).into_bytes();
    }
    if let Some(text) = body["base64"].as_str() {
        return STANDARD.decode(text).unwrap();
    }
    if body.get("bytes").is_some() {
        return pattern(&body["bytes"]);
    }
    if let Some(parts) = body["multipart"].as_array() {
        let boundary = boundary.unwrap();
        let mut out = Vec::new();
        for part in parts {
            out.extend(
                format!("--{boundary}\r\nContent-Disposition: form-data; name=\"{}\"", part["name"].as_str().unwrap())
                    .into_bytes(),
            );
            if let Some(name) = part["filename"].as_str() {
                out.extend(format!("; filename=\"{name}\"").into_bytes());
            }
            if let Some(kind) = part["content_type"].as_str() {
                out.extend(format!("\r\nContent-Type: {kind}").into_bytes());
            }
            out.extend(b"\r\n\r\n");
            out.extend(bytes_of(part, None, bound));
            out.extend(b"\r\n");
        }
        out.extend(format!("--{boundary}--\r\n").into_bytes());
        return out;
    }
    Vec::new()
}
