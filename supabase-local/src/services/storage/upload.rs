//! Uploads in one request.

use axum::body::Body;
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http_body_util::BodyExt;
use serde_json::{Value, json};

use super::files::Receiving;
use super::object::{NewObject, check_key, may_store, metadata, new_version, store};
use super::refusal::{Answer, Refusal, json_response};
use super::token::Caller;
use super::{Call, database, sign};
use crate::project::Project;

/// What a bucket allows.
pub(super) struct Limits {
    pub(super) size: u64,
    pub(super) mime_types: Vec<String>,
}

impl Limits {
    pub(super) fn of(project: &Project, bucket: &Value) -> Self {
        let server = project.storage().size_limit();
        let size = bucket["file_size_limit"].as_u64().map_or(server, |limit| limit.min(server));
        let mime_types = bucket["allowed_mime_types"]
            .as_array()
            .map(|types| types.iter().filter_map(Value::as_str).map(str::to_owned).collect())
            .unwrap_or_default();
        Self { size, mime_types }
    }

    pub(super) fn check_mime(&self, mime: &str) -> Answer<()> {
        if !mime.contains('/') {
            return Err(Refusal::new(415, "invalid_mime_type", "InvalidMimeType", "Invalid Content-Type header"));
        }
        let fits = |allowed: &String| match allowed.strip_suffix('*') {
            Some(start) => mime.starts_with(start),
            None => allowed == mime,
        };
        if self.mime_types.is_empty() || self.mime_types.iter().any(fits) { Ok(()) } else { Err(Refusal::mime(mime)) }
    }
}

fn is_placeholder(key: &str) -> bool {
    key.ends_with(".emptyFolderPlaceholder")
}

pub(super) async fn standard(call: &Call, bucket: &str, key: &str, body: Body) -> Answer<Response> {
    let caller = call.caller()?;
    let upsert = call.method == axum::http::Method::PUT || call.upserts();
    let id = receive(call, Some(&caller), caller.subject(), bucket, key, upsert, body).await?;
    Ok(json_response(200, &json!({ "Key": format!("{bucket}/{key}"), "Id": id })))
}

pub(super) async fn signed(call: &Call, bucket: &str, key: &str, body: Body) -> Answer<Response> {
    let token = super::path::query_value(&call.query, "token")
        .ok_or_else(|| Refusal::schema("querystring must have required property 'token'"))?;
    let claims = sign::check(call, &token, "upload", &format!("{bucket}/{key}"))?;
    let upsert = claims["upsert"].as_bool().unwrap_or(false);
    let owner = claims["owner"].as_str().map(str::to_owned);
    receive(call, None, owner.as_deref(), bucket, key, upsert, body).await?;
    Ok(json_response(200, &json!({ "Key": format!("{bucket}/{key}") })))
}

/// `caller` is who needs the right to store; none when a token gave it.
async fn receive(
    call: &Call,
    caller: Option<&Caller>,
    owner: Option<&str>,
    bucket: &str,
    key: &str,
    upsert: bool,
    body: Body,
) -> Answer<String> {
    let project = &*call.project;
    let row = database::bucket(project, bucket).await?.ok_or_else(Refusal::no_bucket)?;
    let mut limits = Limits::of(project, &row);
    if is_placeholder(key) {
        limits.size = 0;
        limits.mime_types.clear();
    }
    let content_type = call.header("content-type").map(str::to_owned);
    if let Some(boundary) = content_type.as_deref().and_then(|value| multer::parse_boundary(value).ok()) {
        check_key(key)?;
        if let Some(caller) = caller {
            may_store(project, caller, bucket, key, upsert).await?;
        }
        return form(project, owner, bucket, key, upsert, &limits, body, boundary).await;
    }
    let mime = content_type.unwrap_or_else(|| "application/octet-stream".to_owned());
    limits.check_mime(&mime)?;
    let declared: Option<u64> = call.header("content-length").and_then(|value| value.parse().ok());
    if declared.is_some_and(|length| length > limits.size) {
        return Err(Refusal::too_large());
    }
    check_key(key)?;
    if let Some(robots) = call.header("x-robots-tag") {
        check_robots(robots)?;
    }
    if let Some(caller) = caller {
        may_store(project, caller, bucket, key, upsert).await?;
    }
    let version = new_version()?;
    let mut receiving = Receiving::new(project.storage().files(), &version)?;
    let mut body = body;
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_| Refusal::internal())?;
        if let Some(part) = frame.data_ref() {
            receiving.write(part)?;
        }
    }
    let cache_control = call.header("cache-control").unwrap_or("no-cache");
    let user = call
        .header("x-metadata")
        .and_then(|value| STANDARD.decode(value).ok())
        .and_then(|bytes| serde_json::from_slice::<Value>(&bytes).ok())
        .unwrap_or_else(|| json!({}));
    let mut metadata = metadata(&receiving.etag(), receiving.size, &mime, cache_control);
    if let Some(robots) = call.header("x-robots-tag") {
        metadata["xRobotsTag"] = json!(robots);
    }
    let new = NewObject { bucket, key, owner, version: &version, metadata, user_metadata: Some(user) };
    let id = store(project, &new, upsert).await?;
    receiving.keep();
    Ok(id)
}

fn check_robots(value: &str) -> Answer<()> {
    const RULES: [&str; 9] = [
        "all",
        "noindex",
        "nofollow",
        "none",
        "nosnippet",
        "indexifembedded",
        "notranslate",
        "noimageindex",
        "noarchive",
    ];
    for rule in value.split(',').map(str::trim) {
        let name = rule.split(':').next().unwrap_or_default();
        if !RULES.contains(&rule)
            && !matches!(name, "max-snippet" | "max-image-preview" | "max-video-preview" | "unavailable_after")
        {
            let message = format!("Invalid X-Robots-Tag header: Invalid X-Robots-Tag rule: \"{rule}\"");
            return Err(Refusal::new(400, "invalid_x_robots_tag", "InvalidRequest", message));
        }
    }
    Ok(())
}

#[allow(clippy::too_many_arguments, reason = "one step of `receive`")]
async fn form(
    project: &Project,
    owner: Option<&str>,
    bucket: &str,
    key: &str,
    upsert: bool,
    limits: &Limits,
    body: Body,
    boundary: String,
) -> Answer<String> {
    let no_content = || Refusal::new(400, "InvalidRequest", "InvalidRequest", "No content provided");
    let mut form = multer::Multipart::new(body.into_data_stream(), boundary);
    let (mut cache_control, mut user, mut mime) = ("no-cache".to_owned(), json!({}), None);
    loop {
        let mut field = form.next_field().await.map_err(|_| no_content())?.ok_or_else(no_content)?;
        if field.file_name().is_none() {
            let name = field.name().unwrap_or_default().to_owned();
            let text = field.text().await.map_err(|_| no_content())?;
            match name.as_str() {
                "cacheControl" => cache_control = format!("max-age={text}"),
                "metadata" | "userMetadata" => user = serde_json::from_str(&text).unwrap_or_else(|_| json!({})),
                "contentType" => mime = Some(text),
                _ => {}
            }
            continue;
        }
        let mime = mime
            .or_else(|| field.content_type().map(ToString::to_string))
            .unwrap_or_else(|| "application/octet-stream".to_owned());
        limits.check_mime(&mime)?;
        let version = new_version()?;
        let mut receiving = Receiving::new(project.storage().files(), &version)?;
        while let Some(part) = field.chunk().await.map_err(|_| Refusal::internal())? {
            receiving.write(&part)?;
            if receiving.size > limits.size {
                return Err(Refusal::too_large());
            }
        }
        let metadata = metadata(&receiving.etag(), receiving.size, &mime, &cache_control);
        let new = NewObject { bucket, key, owner, version: &version, metadata, user_metadata: Some(user) };
        let id = store(project, &new, upsert).await?;
        receiving.keep();
        return Ok(id);
    }
}
