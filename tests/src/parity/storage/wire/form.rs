//! Multipart forms, read back.

use serde_json::Value;

/// A part of a form. The name of the file's part and its file name mean nothing to the server, as long as there is one:
/// it is called `<file>` here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Part {
    pub(crate) name: String,
    pub(crate) content_type: String,
    pub(crate) data: String,
}

fn name_in(disposition: &str) -> String {
    if disposition.contains("filename=") {
        return "<file>".to_owned();
    }
    disposition.split('"').nth(1).unwrap().to_owned()
}

/// The parts of a body with this content type.
pub(crate) fn sent(body: &[u8], content_type: &str) -> Vec<Part> {
    let boundary = content_type.split("boundary=").nth(1).unwrap();
    let text = String::from_utf8_lossy(body).into_owned();
    text.split(&format!("--{boundary}"))
        .filter(|part| part.starts_with("\r\n"))
        .map(|part| {
            let (head, data) = part.trim_start_matches("\r\n").split_once("\r\n\r\n").unwrap();
            let field = |name: &str| {
                let line = head.lines().find(|line| line.to_lowercase().starts_with(name))?;
                Some(line.split_once(": ").unwrap().1.to_owned())
            };
            Part {
                name: name_in(&field("content-disposition").unwrap()),
                content_type: field("content-type").unwrap_or_default(),
                data: data.strip_suffix("\r\n").unwrap().to_owned(),
            }
        })
        .collect()
}

/// The recorded parts.
pub(super) fn recorded(parts: &Value) -> Vec<Part> {
    let part = |part: &Value| Part {
        name: name_in(part["headers"]["content-disposition"].as_str().unwrap()),
        content_type: part["headers"]["content-type"].as_str().unwrap_or_default().to_owned(),
        data: part["data"].as_str().unwrap().to_owned(),
    };
    parts.as_array().unwrap().iter().map(part).collect()
}

/// Parts as texts, metadata by their meaning.
pub(crate) fn normal_parts(parts: Vec<Part>) -> Vec<String> {
    let parts = parts.into_iter().map(|mut part| {
        if part.name == "metadata" {
            part.data = serde_json::from_str::<Value>(&part.data).unwrap().to_string();
        }
        format!("{part:?}").replace("; ", ", ")
    });
    parts.collect()
}

/// The same in one text.
pub(super) fn normal(parts: Vec<Part>) -> String {
    normal_parts(parts).join(" ")
}
