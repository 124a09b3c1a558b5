//! `/upload/resumable`: the resumable protocol, TUS 1.0.0. Its statuses are true, its errors plain text.
//!
//! What is known of an upload is in a file beside its content, so that a service that is started anew goes on with it.

use std::collections::HashMap;
use std::io::Write;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::body::Body;
use axum::http::{HeaderValue, Method};
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use http_body_util::BodyExt;
use serde_json::{Value, json};
use tokio::sync::Notify;

use super::files::Files;
use super::object::{NewObject, check_key, is_uuid, may_store, metadata, new_version, store};
use super::refusal::{Answer, Refusal, text_response};
use super::token::Caller;
use super::upload::Limits;
use super::{Call, database, status};

const BASE: &str = "/upload/resumable";
/// How long a newcomer waits for the request that it has displaced.
const PATIENCE: Duration = Duration::from_secs(5);

/// The uploads under way, and those that are finished, by id; those of an earlier run once somebody asks for them.
#[derive(Default)]
pub(super) struct Uploads(Mutex<HashMap<String, Arc<Upload>>>);

impl Uploads {
    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<String, Arc<Upload>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What a service knows that has just been started.
    pub(super) fn forget(&self) {
        self.lock().clear();
    }
}

struct Upload {
    bucket: String,
    key: String,
    metadata: HashMap<String, Option<String>>,
    /// As HEAD gives it back.
    metadata_header: String,
    /// The file of what has come, and later the version of the object.
    version: String,
    limit: u64,
    owner: Option<String>,
    state: tokio::sync::Mutex<()>,
    progress: Mutex<Progress>,
    displaced: Notify,
}

#[derive(Clone, Copy)]
struct Progress {
    offset: u64,
    length: Option<u64>,
    finished: bool,
}

/// The file of what is known about the upload of a version.
fn note_of(version: &str) -> String {
    format!("{version}.upload")
}

impl Upload {
    /// Writes down what has to be known after the service has ended. How much has come is the length of the content.
    fn note(&self, files: &Files) -> Answer<()> {
        let Progress { length, finished, .. } = *self.progress();
        let note = json!({
            "bucket": self.bucket,
            "key": self.key,
            "metadata": self.metadata,
            "metadata_header": self.metadata_header,
            "limit": self.limit,
            "owner": self.owner,
            "length": length,
            "finished": finished,
        });
        files.keep(&note_of(&self.version), note.to_string().as_bytes())
    }

    /// The upload of this id as an earlier run of the service has left it.
    fn noted(files: &Files, id: &str) -> Option<Self> {
        let plain = String::from_utf8(URL_SAFE_NO_PAD.decode(id).ok()?).ok()?;
        let version = plain.rsplit('/').next().filter(|version| is_uuid(version))?;
        let note: Value = serde_json::from_slice(&files.kept(&note_of(version))?).ok()?;
        let text = |name: &str| note[name].as_str().map(str::to_owned);
        let (bucket, key, length) = (text("bucket")?, text("key")?, note["length"].as_u64());
        let finished = note["finished"].as_bool()?;
        // A finished object may have been replaced or removed since.
        let offset = if finished { length? } else { files.length(version)? };
        let pairs = note["metadata"].as_object()?.iter();
        (plain == format!("{bucket}/{key}/{version}")).then(|| Self {
            metadata: pairs.map(|(name, value)| (name.clone(), value.as_str().map(str::to_owned))).collect(),
            metadata_header: text("metadata_header").unwrap_or_default(),
            version: version.to_owned(),
            limit: note["limit"].as_u64().unwrap_or_default(),
            owner: text("owner"),
            state: tokio::sync::Mutex::new(()),
            progress: Mutex::new(Progress { offset, length, finished }),
            displaced: Notify::new(),
            bucket,
            key,
        })
    }

    fn progress(&self) -> std::sync::MutexGuard<'_, Progress> {
        self.progress.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes the upload for one request; a PATCH that is running gives way.
    async fn take(&self) -> Answer<tokio::sync::MutexGuard<'_, ()>> {
        if let Ok(guard) = self.state.try_lock() {
            return Ok(guard);
        }
        self.displaced.notify_waiters();
        tokio::time::timeout(PATIENCE, self.state.lock())
            .await
            .map_err(|_| Refusal::new(423, "ResourceLocked", "ResourceLocked", "The resource is locked"))
    }
}

/// A protocol error; unlike the service's own it ends with a newline.
fn protocol(status: u16, text: &str) -> Refusal {
    Refusal::new(status, "", "", format!("{text}\n"))
}

pub(super) async fn answer(call: &Call, body: Body) -> Response {
    if call.method == Method::OPTIONS {
        return options(call);
    }
    let below = call.path.strip_prefix(BASE).unwrap_or_default();
    let (signed, below) = match below.strip_prefix("/sign") {
        Some(rest) if rest.is_empty() || rest.starts_with('/') => (true, rest),
        _ => (false, below),
    };
    let id = below.strip_prefix('/').unwrap_or_default();
    let known = match call.method {
        // Also below an upload: it makes another one.
        Method::POST => true,
        Method::HEAD | Method::PATCH | Method::DELETE => !id.is_empty(),
        _ => false,
    };
    if !known {
        return call.unknown();
    }
    // Token problems come in the form of the other routes.
    let caller = if signed {
        None
    } else {
        match caller(call) {
            Ok(caller) => Some(caller),
            Err(refusal) => return refusal.into_response(),
        }
    };
    let mut response = handle(call, body, id, caller.as_ref()).await.unwrap_or_else(Refusal::into_text);
    let headers = response.headers_mut();
    headers.insert("tus-resumable", HeaderValue::from_static("1.0.0"));
    headers.insert("access-control-allow-origin", HeaderValue::from_static("*"));
    headers.insert(
        "access-control-expose-headers",
        HeaderValue::from_static("Location, Upload-Offset, Upload-Length, Upload-Metadata, Upload-Defer-Length, Tus-Resumable, Tus-Version, Tus-Extension, Tus-Max-Size"),
    );
    if call.method == Method::HEAD { super::without_body(response) } else { response }
}

fn caller(call: &Call) -> Answer<Caller> {
    if call.headers.contains_key("authorization") { call.caller() } else { Err(Refusal::token("Invalid Compact JWS")) }
}

fn options(call: &Call) -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status(204);
    let headers = response.headers_mut();
    headers.insert("tus-version", HeaderValue::from_static("1.0.0"));
    headers.insert("tus-resumable", HeaderValue::from_static("1.0.0"));
    headers.insert(
        "tus-extension",
        HeaderValue::from_static("creation,creation-with-upload,creation-defer-length,termination,expiration"),
    );
    headers.insert("tus-max-size", call.project.storage().size_limit().into());
    headers.insert("access-control-allow-origin", HeaderValue::from_static("*"));
    headers.insert("access-control-allow-methods", HeaderValue::from_static("POST, HEAD, PATCH, OPTIONS, DELETE"));
    headers.insert(
        "access-control-allow-headers",
        HeaderValue::from_static("Authorization, Content-Type, Location, Tus-Resumable, Upload-Defer-Length, Upload-Length, Upload-Metadata, Upload-Offset, X-Upsert, X-Signature, ApiKey"),
    );
    response
}

async fn handle(call: &Call, body: Body, id: &str, caller: Option<&Caller>) -> Answer<Response> {
    match call.header("tus-resumable") {
        None => return Err(protocol(412, "Tus-Resumable Required")),
        Some("1.0.0") => {}
        Some(_) => return Err(protocol(400, "Invalid tus-resumable")),
    }
    // Without a caller it is the signed variant.
    let claims = if caller.is_some() { Value::Null } else { signature(call)? };
    match call.method {
        Method::POST => create(call, body, caller, &claims).await,
        Method::HEAD => {
            let upload = find(call, id)?;
            check_signed(&claims, caller, &upload)?;
            let _turn = upload.take().await?;
            Ok(head(&upload))
        }
        Method::PATCH => {
            check_patch(call)?;
            let upload = find(call, id)?;
            check_signed(&claims, caller, &upload)?;
            if let Some(caller) = caller {
                may_store(&call.project, caller, &upload.bucket, &upload.key, call.upserts()).await?;
            }
            let _turn = upload.take().await?;
            patch(call, body, &upload, caller).await
        }
        _ => {
            let upload = find(call, id)?;
            check_signed(&claims, caller, &upload)?;
            if let Some(caller) = caller {
                may_store(&call.project, caller, &upload.bucket, &upload.key, call.upserts()).await?;
            }
            let _turn = upload.take().await?;
            if upload.progress().finished {
                return Err(protocol(400, "Cannot terminate an already completed upload"));
            }
            call.project.storage().uploads.lock().remove(id);
            call.project.storage().files().remove(&upload.version);
            call.project.storage().files().remove(&note_of(&upload.version));
            Ok(empty(204))
        }
    }
}

fn signature(call: &Call) -> Answer<Value> {
    let token = call
        .header("x-signature")
        .ok_or_else(|| Refusal::new(400, "InvalidSignature", "InvalidSignature", "Missing x-signature header"))?;
    let claims = super::token::verify(call.project.keys(), token).map_err(Refusal::signed_token)?;
    if claims["scope"] != "upload" {
        return Err(Refusal::signature("Token is not scoped for upload"));
    }
    Ok(claims)
}

fn check_signed(claims: &Value, caller: Option<&Caller>, upload: &Upload) -> Answer<()> {
    let fits = caller.is_some() || claims["url"].as_str() == Some(&format!("{}/{}", upload.bucket, upload.key));
    if fits { Ok(()) } else { Err(Refusal::signature("Invalid signature")) }
}

fn find(call: &Call, id: &str) -> Answer<Arc<Upload>> {
    let mut uploads = call.project.storage().uploads.lock();
    if let Some(upload) = uploads.get(id) {
        return Ok(upload.clone());
    }
    if let Some(upload) = Upload::noted(call.project.storage().files(), id).map(Arc::new) {
        uploads.insert(id.to_owned(), upload.clone());
        return Ok(upload);
    }
    drop(uploads);
    let plain = URL_SAFE_NO_PAD.decode(id).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    if plain.is_some_and(|plain| plain.matches('/').count() >= 2) {
        Err(protocol(404, "The file for this url was not found"))
    } else {
        Err(Refusal::new(400, "", "", "Invalid upload id"))
    }
}

/// `name base64` pairs; `None` when they are not that.
fn parse_metadata(header: &str) -> Option<HashMap<String, Option<String>>> {
    let mut pairs = HashMap::new();
    for pair in header.split(',') {
        let mut words = pair.split(' ');
        let name = words.next().filter(|name| !name.is_empty())?;
        let value = match words.next() {
            None => None,
            Some(value) => Some(String::from_utf8(STANDARD.decode(value).ok()?).ok()?),
        };
        if words.next().is_some() || pairs.insert(name.to_owned(), value).is_some() {
            return None;
        }
    }
    Some(pairs)
}

async fn create(call: &Call, body: Body, caller: Option<&Caller>, claims: &Value) -> Answer<Response> {
    let project = &*call.project;
    if call.headers.contains_key("upload-concat") {
        return Err(protocol(
            501,
            "Concatenation extension is not (yet) supported. Disable parallel uploads in the tus client.",
        ));
    }
    let length = match (call.header("upload-length"), call.header("upload-defer-length")) {
        (Some(length), None) => Some(length.parse::<u64>().map_err(|_| protocol(400, "Invalid upload-length"))?),
        (None, Some("1")) => None,
        (None, Some(_)) => return Err(protocol(400, "Invalid upload-defer-length")),
        _ => return Err(protocol(400, "Upload-Length or Upload-Defer-Length header required")),
    };
    let header =
        call.header("upload-metadata").ok_or_else(|| Refusal::new(400, "", "", "Metadata header is required"))?;
    let pairs = parse_metadata(header).ok_or_else(|| protocol(400, "Invalid upload-metadata"))?;
    let given = |name: &str| pairs.get(name).cloned().flatten();
    let bucket = given("bucketName").ok_or_else(Refusal::bucket_name)?;
    let key = given("objectName").unwrap_or_default();
    check_key(&key)?;
    if caller.is_none() && claims["url"].as_str() != Some(&format!("{bucket}/{key}")) {
        return Err(Refusal::signature("Invalid signature"));
    }
    let row = database::bucket(project, &bucket).await?.ok_or_else(Refusal::no_bucket)?;
    let limits = Limits::of(project, &row);
    if length.is_some_and(|length| length > limits.size) {
        return Err(protocol(413, "Maximum size exceeded"));
    }
    if let Some(mime) = given("contentType") {
        limits.check_mime(&mime)?;
    }
    if let Some(caller) = caller {
        may_store(project, caller, &bucket, &key, call.upserts()).await?;
    }
    let version = new_version()?;
    project.storage().files().create(&version)?;
    let id = URL_SAFE_NO_PAD.encode(format!("{bucket}/{key}/{version}"));
    let owner = caller.and_then(Caller::subject).or_else(|| claims["owner"].as_str()).map(str::to_owned);
    let upload = Arc::new(Upload {
        metadata_header: echoed(header, &pairs),
        bucket,
        key,
        metadata: pairs,
        version,
        limit: limits.size,
        owner,
        state: tokio::sync::Mutex::new(()),
        progress: Mutex::new(Progress { offset: 0, length, finished: false }),
        displaced: Notify::new(),
    });
    upload.note(project.storage().files())?;
    project.storage().uploads.lock().insert(id.clone(), upload.clone());
    let _turn = upload.take().await?;
    let has_body = call.header("content-type") == Some("application/offset+octet-stream");
    if has_body {
        receive(call, body, &upload).await?;
    }
    let finished = finish_if_whole(call, &upload).await?;
    let mut response = empty(201);
    response.headers_mut().insert("content-type", HeaderValue::from_static("text/plain;charset=UTF-8"));
    let host = call.header("x-forwarded-host").or_else(|| call.header("host")).map(str::to_owned);
    let origin = host.map_or_else(|| project.url().to_owned(), |host| format!("http://{host}"));
    let folder = if caller.is_some() { "" } else { "/sign" };
    set(&mut response, "location", &format!("{origin}/storage/v1{BASE}{folder}/{id}"));
    if has_body {
        set(&mut response, "upload-offset", &upload.progress().offset.to_string());
    }
    if finished {
        set(&mut response, "tus-complete", "1");
    }
    Ok(response)
}

/// The metadata as HEAD tells them: the cache control as it will be stored.
fn echoed(header: &str, pairs: &HashMap<String, Option<String>>) -> String {
    let stored = STANDARD.encode(cache_control(pairs));
    let mut parts: Vec<String> = header.split(',').map(str::to_owned).collect();
    match parts.iter_mut().find(|part| part.starts_with("cacheControl")) {
        Some(part) => *part = format!("cacheControl {stored}"),
        None => parts.push(format!("cacheControl {stored}")),
    }
    if !pairs.contains_key("contentType") {
        parts.push(format!("contentType {}", STANDARD.encode("application/octet-stream")));
    }
    parts.join(",")
}

fn cache_control(pairs: &HashMap<String, Option<String>>) -> String {
    match pairs.get("cacheControl").and_then(Option::as_deref) {
        Some(digits) if !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()) => {
            format!("max-age={digits}")
        }
        _ => "no-cache".to_owned(),
    }
}

fn set(response: &mut Response, name: &'static str, value: &str) {
    if let Ok(value) = HeaderValue::try_from(value) {
        response.headers_mut().insert(name, value);
    }
}

fn empty(code: u16) -> Response {
    let mut response = text_response(code, "");
    response.headers_mut().remove("content-type");
    response
}

fn head(upload: &Upload) -> Response {
    let progress = *upload.progress();
    let mut response = text_response(200, "");
    set(&mut response, "cache-control", "no-store");
    set(&mut response, "upload-offset", &progress.offset.to_string());
    match progress.length {
        Some(length) => set(&mut response, "upload-length", &length.to_string()),
        None => set(&mut response, "upload-defer-length", "1"),
    }
    set(&mut response, "upload-metadata", &upload.metadata_header);
    response
}

fn check_patch(call: &Call) -> Answer<()> {
    let offset = call.header("upload-offset").ok_or_else(|| protocol(403, "Upload-Offset header required"))?;
    if offset.parse::<u64>().is_err() {
        return Err(protocol(400, "Invalid upload-offset"));
    }
    match call.header("content-type") {
        None => Err(protocol(403, "Content-Type header required")),
        Some("application/offset+octet-stream") => Ok(()),
        Some(_) => Err(protocol(400, "Invalid content-type")),
    }
}

async fn patch(call: &Call, body: Body, upload: &Upload, caller: Option<&Caller>) -> Answer<Response> {
    let Progress { offset, length, finished } = *upload.progress();
    if finished {
        // As a row that is there: without an upsert the caller may not write it again.
        if caller.is_none() || !call.upserts() {
            return Err(Refusal::exists("KeyAlreadyExists"));
        }
    }
    if call.header("upload-offset").and_then(|text| text.parse().ok()) != Some(offset) {
        return Err(protocol(409, "Upload-Offset conflict"));
    }
    if let Some(declared) = call.header("upload-length") {
        let declared: u64 = declared.parse().map_err(|_| protocol(400, "Invalid upload-length"))?;
        if length.is_some() || declared < offset {
            return Err(protocol(400, "Invalid upload-length"));
        }
        if declared > upload.limit {
            return Err(protocol(413, "Maximum size exceeded"));
        }
        upload.progress().length = Some(declared);
        upload.note(call.project.storage().files())?;
    }
    receive(call, body, upload).await?;
    let complete = finish_if_whole(call, upload).await?;
    let mut response = empty(204);
    set(&mut response, "upload-offset", &upload.progress().offset.to_string());
    if complete {
        set(&mut response, "tus-complete", "1");
    }
    Ok(response)
}

/// Keeps what comes, also of a request that breaks; a longer body than announced leaves nothing.
async fn receive(call: &Call, mut body: Body, upload: &Upload) -> Answer<()> {
    let begin = upload.progress().offset;
    let length = upload.progress().length;
    let files = call.project.storage().files();
    if let (Some(length), Some(announced)) =
        (length, call.header("content-length").and_then(|text| text.parse::<u64>().ok()))
        && begin + announced > length
    {
        return Err(protocol(413, "upload's size exceeded"));
    }
    let mut file = files.append(&upload.version, begin)?;
    loop {
        let frame = tokio::select! {
            frame = body.frame() => frame,
            // Another request wants the upload: this one ends with what it has.
            () = upload.displaced.notified() => return Ok(()),
        };
        let part = match frame {
            None => return Ok(()),
            // The client went away; what it sent stays.
            Some(Err(_)) => return Ok(()),
            Some(Ok(frame)) => match frame.into_data() {
                Ok(part) => part,
                Err(_) => continue,
            },
        };
        let reached = upload.progress().offset + part.len() as u64;
        if length.is_some_and(|length| reached > length) {
            upload.progress().offset = begin;
            return Err(protocol(413, "upload's size exceeded"));
        }
        if reached > upload.limit {
            upload.progress().offset = begin;
            return Err(protocol(413, "Maximum size exceeded"));
        }
        file.write_all(&part)?;
        upload.progress().offset = reached;
    }
}

/// Makes the object when the last byte is there.
async fn finish_if_whole(call: &Call, upload: &Upload) -> Answer<bool> {
    let Progress { offset, length, finished } = *upload.progress();
    if finished || length != Some(offset) {
        return Ok(false);
    }
    let files = call.project.storage().files();
    let etag = files.etag(&upload.version)?;
    let given = |name: &str| upload.metadata.get(name).cloned().flatten();
    let mime = given("contentType").unwrap_or_else(|| "application/octet-stream".to_owned());
    let metadata = metadata(&etag, offset, &mime, &cache_control(&upload.metadata));
    let user = given("metadata").and_then(|text| serde_json::from_str(&text).ok());
    let new = NewObject {
        bucket: &upload.bucket,
        key: &upload.key,
        owner: upload.owner.as_deref(),
        version: &upload.version,
        metadata,
        user_metadata: user,
    };
    // The signed variant replaces, whatever its token says.
    let signed = call.path.starts_with(&format!("{BASE}/sign"));
    store(&call.project, &new, signed || call.upserts()).await?;
    upload.progress().finished = true;
    upload.note(files)?;
    Ok(true)
}
