//! Single requests of resumable uploads, told to the client: each is made the first one that matters of an upload.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http::{Method, StatusCode};
use serde_json::{Value, json};
use supabase_core::storage::{Resumable, Upload, UploadState, Uploaded};
use supabase_core::transport::{Reply, Sent};
use supabase_core::{Client, Error, ErrorKind};

use super::check;
use super::said::{Said, Why};

/// An upload that an earlier line of the scenario has made.
#[derive(Clone)]
pub(super) struct Made {
    length: u64,
    bucket: String,
    key: String,
}

/// By the last segment of their URL.
pub(super) type Uploads = BTreeMap<String, Made>;

const BASE: &str = "/upload/resumable";
/// SHA-256 of nothing.
const EMPTY: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

/// What is wrong, if anything is.
type Verdict = Option<String>;

/// The answer to whatever follows: the upload ends with it.
fn end() -> Reply {
    Reply::empty(StatusCode::GONE)
}

pub(super) async fn tell(said: &Said<'_>, uploads: &Uploads) -> Result<Verdict, Why> {
    let below = said.path.strip_prefix(BASE).ok_or("no call of the client goes there")?;
    let signed = below == "/sign" || below.starts_with("/sign/");
    let id = below.trim_start_matches("/sign").trim_start_matches('/');
    if said.method == "OPTIONS" {
        return Err("the client does not ask what the protocol can do");
    }
    if said.header("tus-resumable") != Some("1.0.0") {
        return Err("the client always says the protocol's version");
    }
    if signed && said.header("x-signature").is_none() || !signed && said.header("authorization").is_none() {
        return Err("the client always says who it is");
    }
    match said.method {
        "POST" if id.is_empty() => create(said).await,
        "HEAD" => head(said, id, uploads).await,
        "PATCH" => patch(said, id, uploads).await,
        "DELETE" => abort(said, id, uploads).await,
        _ => Err("no call of the client goes there"),
    }
}

/// Whether this request, and then the error or the next request, are what the recorded answer asks for.
fn judge(
    said: &Said<'_>,
    sent: &[Sent],
    at: usize,
    result: Result<Uploaded, Error>,
    next: impl FnOnce() -> (u64, u64),
) -> Verdict {
    let Some(request) = sent.get(at) else {
        return Some(format!("{} requests: {result:?}", sent.len()));
    };
    if let Some(difference) = check::request(said, request) {
        return Some(difference);
    }
    if !said.accepted() {
        return match result {
            Ok(_) => Some("taken for yes".to_owned()),
            Err(error) => check::refusal(said, &error),
        };
    }
    let (reached, length) = next();
    if reached == length {
        let done = result.as_ref().is_ok_and(|uploaded| uploaded.size == length) && sent.len() == at + 1;
        return (!done).then(|| format!("the last byte is there, but {result:?}"));
    }
    match (sent.get(at + 1), result) {
        (Some(next), Err(error)) if next.method == Method::PATCH && error.kind() == ErrorKind::NotFound => {
            let offset = next.headers.get("upload-offset").and_then(|value| value.to_str().ok());
            (offset != Some(reached.to_string().as_str()))
                .then(|| format!("goes on at {offset:?} instead of {reached}"))
        }
        (next, result) => Some(format!("goes on with {:?}: {result:?}", next.map(|sent| &sent.method))),
    }
}

fn answered<'l>(said: &Said<'l>, name: &str) -> Option<&'l str> {
    let headers = said.line["response"]["headers"].as_object().unwrap();
    headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).and_then(|(_, value)| value.as_str())
}

/// The offset of an answer; none where it is left open.
fn offset(said: &Said<'_>) -> Result<Option<u64>, Why> {
    answered(said, "upload-offset")
        .map(|text| text.parse().map_err(|_| "the recorded offset depends on timing"))
        .transpose()
}

/// A pair of a creation's metadata.
fn pair(said: &Said<'_>, name: &str) -> Option<String> {
    let pairs = said.header("upload-metadata")?.split(',');
    let value = pairs.filter_map(|pair| pair.strip_prefix(name)?.strip_prefix(' ')).next()?;
    String::from_utf8(STANDARD.decode(value).ok()?).ok()
}

fn place(url: &str) -> &str {
    url.rsplit('/').next().unwrap_or_default()
}

/// Remembers an upload that the recorded server made, whoever asked for it.
pub(super) fn keep(said: &Said<'_>, uploads: &mut Uploads) {
    let length = said.header("upload-length").and_then(|text| text.parse().ok());
    let at = answered(said, "location").filter(|_| said.method == "POST");
    if let (Some(length), Some(at), Some(bucket), Some(key)) =
        (length, at, pair(said, "bucketName"), pair(said, "objectName"))
    {
        uploads.insert(place(at).to_owned(), Made { length, bucket, key });
    }
}

async fn create(said: &Said<'_>) -> Result<Verdict, Why> {
    if said.header("upload-defer-length").is_some() || said.header("upload-concat").is_some() {
        return Err("a header that the client does not send here");
    }
    let length = said.header("upload-length").and_then(|text| text.parse::<u64>().ok());
    let length = length.ok_or("the client always says the length, or that it comes later")?;
    let (Some(bucket), Some(key)) = (pair(said, "bucketName"), pair(said, "objectName")) else {
        return Err("the client always says bucket and key");
    };
    let content_type = pair(said, "contentType").ok_or("the client always says a content type")?;
    let with_bytes = said.header("content-type").is_some();
    let mut body = said.bytes();
    let chunk = if with_bytes { body.len() } else { usize::try_from(length).unwrap() };
    if with_bytes && body.len() as u64 >= length && !said.upserts() {
        return Err("a creation that makes the object could not be repeated: the last chunk follows it");
    }
    if !with_bytes && said.upserts() && length > 0 {
        return Err("what may be repeated travels with the creation");
    }
    body.resize(usize::try_from(length).unwrap(), 0);
    let (client, recording) = said.client([said.reply(), end()])?;
    let objects = client.storage().from(&bucket);
    let upload = match said.header("x-signature") {
        Some(token) => objects.upload_to_signed_url(&key, token, body),
        None => objects.upload(&key, body).upsert(said.upserts()),
    };
    let mut upload = upload.content_type(content_type).resumable(Resumable::Always).chunk_size(chunk);
    if let Some(seconds) = pair(said, "cacheControl") {
        upload = upload.cache_control(seconds.parse().map_err(|_| "the client says how long in seconds")?);
    }
    if let Some(metadata) = pair(said, "metadata") {
        let metadata: Value = serde_json::from_str(&metadata).map_err(|_| "the client's metadata are JSON")?;
        upload = upload.metadata(&metadata);
    }
    let kept = Arc::new(Mutex::new(None::<UploadState>));
    let keep = Arc::clone(&kept);
    let result = upload.on_state(move |state| *keep.lock().unwrap() = Some(state.clone())).await;
    let reached = offset(said)?.unwrap_or(0);
    let verdict = judge(said, &recording.sent(), 0, result, || (reached, length));
    if !said.accepted() || verdict.is_some() {
        return Ok(verdict);
    }
    let made = answered(said, "location").map(place);
    let known = kept.lock().unwrap().take();
    let known = known.as_ref().map(|state| place(&state.url));
    Ok((known != made).then(|| format!("the upload is at {known:?} instead of {made:?}")))
}

/// The upload of an id; one that nobody has made is as good as any.
fn find(id: &str, uploads: &Uploads) -> Made {
    uploads.get(id).cloned().unwrap_or(Made { length: 9, bucket: "b".to_owned(), key: "x".to_owned() })
}

fn state(said: &Said<'_>, id: &str, made: &Made) -> UploadState {
    let state = json!({
        "bucket": made.bucket,
        "key": made.key,
        "url": format!("http://replay.invalid/storage/v1{BASE}/{id}"),
        "length": made.length,
        "offset": 0,
        "sha256": EMPTY,
        "upsert": said.upserts(),
    });
    serde_json::from_value(state).unwrap()
}

fn resume(said: &Said<'_>, client: &Client, id: &str, made: &Made, body: Vec<u8>) -> Upload {
    let (bucket, state) = (client.storage().from(&made.bucket), state(said, id, made));
    match said.header("x-signature") {
        Some(token) => bucket.resume_signed_upload(state, token, body),
        None => bucket.resume_upload(state, body),
    }
}

async fn head(said: &Said<'_>, id: &str, uploads: &Uploads) -> Result<Verdict, Why> {
    let made = find(id, uploads);
    let reached = offset(said)?.unwrap_or(0);
    let (client, recording) = said.client([said.reply(), end()])?;
    let body = vec![0; usize::try_from(made.length).unwrap()];
    let result = resume(said, &client, id, &made, body).await;
    Ok(judge(said, &recording.sent(), 0, result, || (reached, made.length)))
}

async fn patch(said: &Said<'_>, id: &str, uploads: &Uploads) -> Result<Verdict, Why> {
    let at: u64 =
        said.header("upload-offset").and_then(|text| text.parse().ok()).ok_or("the client says where it goes on")?;
    if said.header("content-type") != Some("application/offset+octet-stream") {
        return Err("the client always says that it sends a chunk");
    }
    let bytes = said.bytes();
    if bytes.is_empty() {
        return Err("the client sends no empty chunks");
    }
    let mut made = find(id, uploads);
    let until = at + bytes.len() as u64;
    if !uploads.contains_key(id) {
        made.length = until + 1;
    }
    if until > made.length {
        return Err("the client refuses a body that is longer than the upload");
    }
    let reached = offset(said)?.unwrap_or(until);
    let known = Reply::empty(StatusCode::OK)
        .header("upload-offset", &at.to_string())
        .header("upload-length", &made.length.to_string());
    let (client, recording) = said.client([known, said.reply(), end()])?;
    let mut body = vec![0; usize::try_from(at).unwrap()];
    body.extend_from_slice(&bytes);
    body.resize(usize::try_from(made.length).unwrap(), 0);
    let result = resume(said, &client, id, &made, body).chunk_size(bytes.len()).await;
    Ok(judge(said, &recording.sent(), 1, result, || (reached, made.length)))
}

async fn abort(said: &Said<'_>, id: &str, uploads: &Uploads) -> Result<Verdict, Why> {
    let made = find(id, uploads);
    let (client, recording) = said.client([said.reply()])?;
    let (bucket, state) = (client.storage().from(&made.bucket), state(said, id, &made));
    let result = match said.header("x-signature") {
        Some(token) => bucket.abort_signed_upload(&state, token).await,
        None => bucket.abort_upload(&state).await,
    };
    let sent = recording.sent();
    Ok(check::request(said, &sent[0]).or_else(|| match (said.accepted(), result) {
        (true, result) => result.err().map(|error| format!("taken for no: {error}")),
        (false, Ok(())) => Some("taken for yes".to_owned()),
        (false, Err(error)) => check::refusal(said, &error),
    }))
}
