//! Uploads in one request, told to the client.

use serde_json::Value;
use supabase_core::storage::{Resumable, Storage, Upload};

use super::super::exchange::body::bytes_of;
use super::super::exchange::placeholder::Bound;
use super::super::wire::form::Part;
use super::objects::place;
use super::said::{Came, Said, Why, member};

pub(super) async fn tell(said: &Said<'_>, storage: &Storage) -> Result<Came, Why> {
    let rest = said.path.strip_prefix("/object/").ok_or("no call of the client goes there")?;
    if said.header("transfer-encoding").is_some() {
        return Err("a body of unknown length travels as a form, since the server limits nothing else");
    }
    let form = said.body["multipart"].as_array();
    let file = match form {
        Some(parts) => Some(file_of(parts)?),
        None => None,
    };
    let bytes = file.map_or_else(|| said.bytes(), |file| bytes_of(file, None, &Bound::new()));
    let upload = match rest.strip_prefix("upload/sign/") {
        Some(below) => {
            let token = said.query.iter().find(|(name, _)| name == "token");
            let (_, token) = token.ok_or("the client always says the token that it was given")?;
            let (bucket, key) = place(below)?;
            storage.from(bucket).upload_to_signed_url(key, token, bytes)
        }
        None => {
            let (bucket, key) = place(rest)?;
            let bucket = storage.from(bucket);
            if said.method == "PUT" { bucket.update(key, bytes) } else { bucket.upload(key, bytes) }
        }
    };
    let upload = upload.resumable(Resumable::Never);
    let upload = match form {
        Some(parts) => with_fields(upload.multipart(true), parts)?,
        None => with_headers(said, upload)?,
    };
    Ok(upload.await.map(|uploaded| {
        let id = uploaded.id.map(|id| id.to_string());
        vec![member("Key", uploaded.full_path), member("Id", id)]
    }))
}

fn with_headers(said: &Said<'_>, mut upload: Upload) -> Result<Upload, Why> {
    let json = said.body.get("json").map(|_| "application/json");
    let content_type = said.header("content-type").or(json);
    upload = upload.content_type(content_type.ok_or("the client always says a content type")?);
    for (name, value) in &said.headers {
        upload = match name.as_str() {
            "apikey" | "authorization" | "content-type" => upload,
            "cache-control" => match value.strip_prefix("max-age=").and_then(|seconds| seconds.parse().ok()) {
                Some(seconds) => upload.cache_control(seconds),
                None => upload.header(name, value),
            },
            "x-metadata" => match said.metadata() {
                Some(metadata) => upload.metadata(&metadata),
                None => upload.header(name, value),
            },
            "x-upsert" if matches!(*value, "true" | "false") && said.method == "POST" => {
                upload.upsert(*value == "true")
            }
            _ => upload.header(name, value),
        };
    }
    Ok(upload)
}

const FORM: Why = "a form that the client does not make";

/// The part of a form that is the file: the last one, and the only one.
fn file_of(parts: &[Value]) -> Result<&Value, Why> {
    let is_file = |part: &&Value| part.get("filename").is_some();
    match parts.iter().filter(is_file).count() {
        1 => parts.last().filter(is_file).ok_or(FORM),
        _ => Err(FORM),
    }
}

fn with_fields(mut upload: Upload, parts: &[Value]) -> Result<Upload, Why> {
    for part in parts {
        let text = part["text"].as_str();
        upload = match part["name"].as_str() {
            _ if part.get("filename").is_some() => upload.content_type(part["content_type"].as_str().ok_or(FORM)?),
            Some("cacheControl") => upload.cache_control(text.and_then(|text| text.parse().ok()).ok_or(FORM)?),
            Some("metadata") => {
                let metadata = text.and_then(|text| serde_json::from_str::<Value>(text).ok());
                upload.metadata(&metadata.ok_or(FORM)?)
            }
            _ => return Err(FORM),
        };
    }
    Ok(upload)
}

/// A recorded form in the form that forms are compared in.
pub(super) fn parts(parts: &[Value]) -> Vec<Part> {
    let part = |part: &Value| Part {
        name: if part.get("filename").is_some() { "<file>" } else { part["name"].as_str().unwrap() }.to_owned(),
        content_type: part["content_type"].as_str().unwrap_or_default().to_owned(),
        data: String::from_utf8_lossy(&bytes_of(part, None, &Bound::new())).into_owned(),
    };
    parts.iter().map(part).collect()
}
