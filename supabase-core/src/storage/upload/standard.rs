//! Uploads in one request: as the body itself, or as a multipart form.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use futures_util::StreamExt;
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue, Method};
use serde::Deserialize;
use uuid::Uuid;

use super::super::call::Pending;
use super::super::respond;
use super::multipart::Form;
use super::progress::{Pulse, counted};
use super::source::{Source, sha256_of};
use super::{Job, Right, Uploaded};
use crate::error::{Error, ErrorKind, Result};
use crate::transport::{Attempt, Body};

/// Metadata beyond this travel in a form: proxies bound the length of headers.
const METADATA_IN_HEADER: usize = 4096;

#[derive(Deserialize)]
struct Answer {
    #[serde(rename = "Id", default)]
    id: Option<Uuid>,
}

fn header(value: &str, what: &str) -> Result<HeaderValue> {
    HeaderValue::try_from(value)
        .map_err(|_| Error::new(ErrorKind::Refused, format!("{what} holds characters that headers cannot")))
}

/// The headers of the request, and the form around the body if it is to be one.
fn head(job: &Job, form: bool) -> Result<(HeaderMap, Option<Form>)> {
    let options = &job.options;
    let mut headers = HeaderMap::new();
    let content_type = header(job.content_type(), "the content type")?;
    // A PUT always replaces; for a signed upload the token decides.
    if job.pending.method == Method::POST || matches!(options.right, Right::Signed(_)) {
        headers.insert("x-upsert", HeaderValue::from_static(if options.upsert { "true" } else { "false" }));
    }
    let too_long = options.metadata.as_ref().is_some_and(|json| json.len() > METADATA_IN_HEADER);
    if form || options.multipart || too_long {
        let form = Form::new(job);
        headers.insert(CONTENT_TYPE, header(&form.content_type(), "the boundary")?);
        return Ok((headers, Some(form)));
    }
    headers.insert(CONTENT_TYPE, content_type);
    headers.insert(CACHE_CONTROL, header(&format!("max-age={}", options.cache_control), "the cache control")?);
    if let Some(metadata) = &options.metadata {
        headers.insert("x-metadata", header(&STANDARD.encode(metadata), "the metadata")?);
    }
    Ok((headers, None))
}

/// Sends bytes that are all there, again if that does no harm.
pub(super) async fn send_bytes(job: Job, bytes: Bytes) -> Result<Uploaded> {
    let (headers, form) = head(&job, false)?;
    let size = bytes.len() as u64;
    let sha256 = sha256_of(&bytes);
    let replaces = job.options.upsert && matches!(job.options.right, Right::Own);
    let policy =
        job.pending.options.retry.clone().unwrap_or_else(|| job.bucket.client.retry_policy().clone()).for_storage();
    let path = format!("/storage/v1{}", job.pending.target);
    let mut attempt = 1;
    loop {
        let pulse = Pulse::new();
        let parts = counted(bytes.clone(), 0, Some(size), job.listener.clone(), pulse.clone());
        let body = match &form {
            None => Body::Stream { stream: Box::pin(parts), length: Some(size) },
            Some(form) => form.around(Box::pin(parts), Some(size)),
        };
        let mut request = request(&job, &headers, body);
        if attempt > 1 {
            request.header("x-retry-count", &(attempt - 1).to_string());
        }
        let sent = pulse.guard(job.patience(), answer(request)).await;
        // An upload that does not replace is not repeated: the first one may have been stored.
        let next = match &sent {
            Ok(_) => Attempt::Final,
            Err(_) if !replaces => Attempt::Final,
            Err(error) => match error.body() {
                Some(body) => policy.after_status(attempt, body.status, &body.headers),
                None => policy.after_error(attempt, error),
            },
        };
        match next {
            Attempt::Final => {
                let answer =
                    sent.map_err(|error| error.with_request(&job.pending.method, &path).with_attempts(attempt))?;
                return Ok(job.uploaded(answer.id, size, sha256, false));
            }
            Attempt::Again(wait) => policy.wait(wait).await,
        }
        attempt += 1;
    }
}

/// Sends a body of any length as it is read. It is sent once.
pub(super) async fn send_stream(job: Job, source: Source) -> Result<Uploaded> {
    let total = source.length();
    let (headers, form) = head(&job, total.is_none())?;
    let path = format!("/storage/v1{}", job.pending.target);
    let pulse = Pulse::new();
    let (done, finished) = tokio::sync::oneshot::channel();
    let state = Reading { source, done: Some(done), pulse: pulse.clone(), listener: job.listener.clone() };
    let parts = futures_util::stream::unfold(Some(state), |state| async move {
        const PART: usize = 64 * 1024;
        let mut state = state?;
        let read = state.source.chunk(PART).await;
        state.pulse.beat();
        match read {
            Ok((bytes, last)) => {
                state.listener.tell(state.source.at(), state.source.length());
                if last {
                    let summary = (state.source.at(), state.source.sha256());
                    // Nobody waits when the upload has been dropped.
                    let _ = state.done.take().map(|done| done.send(Ok(summary)));
                }
                Some((Ok(bytes), (!last).then_some(state)))
            }
            Err(error) => {
                let told = std::io::Error::other(error.to_string());
                let _ = state.done.take().map(|done| done.send(Err(error)));
                Some((Err(told), None))
            }
        }
    });
    let parts = super::progress::exclusive(parts.boxed());
    let body = match &form {
        None => Body::Stream { stream: Box::pin(parts), length: total },
        Some(form) => form.around(Box::pin(parts), total),
    };
    let sent = pulse.guard(job.patience(), answer(request(&job, &headers, body))).await;
    let mut finished = finished;
    match (sent, finished.try_recv()) {
        // The body's own failure is the cause of the connection's.
        (_, Ok(Err(error))) => Err(error),
        (Ok(answer), Ok(Ok((size, sha256)))) => Ok(job.uploaded(answer.id, size, sha256, false)),
        (Err(error), _) => Err(error.with_request(&job.pending.method, &path)),
        (Ok(_), Err(_)) => {
            Err(Error::new(ErrorKind::Decode, "the storage service answered before it had the whole body")
                .with_request(&job.pending.method, &path))
        }
    }
}

struct Reading {
    source: Source,
    done: Option<tokio::sync::oneshot::Sender<Result<(u64, String)>>>,
    pulse: Pulse,
    listener: super::progress::Listener,
}

fn request(job: &Job, headers: &HeaderMap, body: Body) -> Pending {
    let mut request = Pending::new(&job.bucket.client, job.pending.method.clone(), job.pending.target.clone());
    request.headers = headers.clone();
    request.body = body;
    request.idempotent = false;
    request.options = job.pending.options.clone();
    // Silence is watched by the pulse, which knows that bytes still leave.
    request.options.timeout = Some(None);
    request
}

async fn answer(request: Pending) -> Result<Answer> {
    let (_, _, body) = respond::accepted(request.open().await?).await?;
    respond::json(&body)
}
