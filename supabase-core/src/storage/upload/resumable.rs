//! Uploads in chunks by the resumable protocol (TUS 1.0.0).
//!
//! The upload is created together with its first chunk. Every further chunk is one PATCH; after a
//! failure the server is asked (HEAD) how much it has, and the upload goes on there. A server that
//! gives up a PATCH in favour of another request answers it with success and the offset that it
//! reached, so that only the offset of the answer counts, never the one that was sent.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::header::{CONTENT_TYPE, LOCATION};
use http::{HeaderMap, HeaderValue, Method};

use super::super::call::Pending;
use super::super::respond;
use super::progress::{Pulse, counted};
use super::source::Source;
use super::state::UploadState;
use super::{Job, Right, Uploaded};
use crate::error::{Error, ErrorKind, Result};
use crate::transport::{Attempt, Body, RetryPolicy};

const OFFSET: &str = "upload-offset";
const LENGTH: &str = "upload-length";
const CHUNK_TYPE: HeaderValue = HeaderValue::from_static("application/offset+octet-stream");

/// A chunk that is on its way.
struct Chunk {
    /// Where it begins.
    begin: u64,
    bytes: Bytes,
    last: bool,
}

impl Chunk {
    async fn read(source: &mut Source, size: usize) -> Result<Self> {
        let begin = source.at();
        let (bytes, last) = source.chunk(size).await?;
        Ok(Self { begin, bytes, last })
    }

    fn end(&self) -> u64 {
        self.begin + self.bytes.len() as u64
    }
}

struct Session {
    job: Job,
    policy: RetryPolicy,
    /// The URL as the server said it.
    url: String,
    /// Path below `/storage/v1`.
    target: String,
    /// Whether the server knows the length.
    length_known: bool,
    /// The length of the body, once it is known.
    total: Option<u64>,
    attempt: u32,
}

/// What the server has of an upload.
struct Known {
    offset: u64,
    length: Option<u64>,
}

pub(super) async fn send(mut job: Job, mut source: Source) -> Result<Uploaded> {
    let policy =
        job.pending.options.retry.clone().unwrap_or_else(|| job.bucket.client.retry_policy().clone()).for_resumable();
    let resume = job.options.resume.take();
    let mut session = Session {
        job,
        policy,
        url: String::new(),
        target: String::new(),
        length_known: false,
        total: source.length(),
        attempt: 1,
    };
    let chunk_size = session.job.options.chunk;
    let mut chunk;
    let mut offset;
    match resume {
        Some(state) => {
            offset = session.take_up(&state, &mut source).await?;
            session.tell_state(&source);
            chunk = Chunk::read(&mut source, chunk_size).await?;
        }
        None => {
            chunk = Chunk::read(&mut source, chunk_size).await?;
            offset = session.create(&chunk, source.length()).await?;
        }
    }
    loop {
        if offset > chunk.end() {
            return Err(Error::new(
                ErrorKind::Conflict,
                format!(
                    "the server has {offset} bytes of this upload, more than were sent: somebody else writes to it"
                ),
            ));
        }
        if offset < chunk.begin {
            // The server lost something that it had confirmed.
            source.seek(offset).await?;
            chunk = Chunk::read(&mut source, chunk_size).await?;
        }
        if offset == chunk.end() {
            // An empty last chunk still has to tell the length, unless creation did.
            if chunk.last && (session.length_known || chunk.end() == 0) {
                break;
            }
            if !chunk.last {
                session.tell_state(&source);
                // Gone before the next one is read, which may then have its place in memory.
                chunk.bytes = Bytes::new();
                chunk = Chunk::read(&mut source, chunk_size).await?;
            }
        }
        offset = session.patch(&chunk, offset).await?;
    }
    let sha256 = source.sha256();
    Ok(session.job.uploaded(None, chunk.end(), sha256, true))
}

impl Session {
    fn request(&self, method: Method, target: &str) -> Pending {
        let mut request = Pending::new(&self.job.bucket.client, method, target);
        request.options = self.job.pending.options.clone();
        // This session repeats by itself, and watches for silence by the pulse.
        request.options.retry = Some(RetryPolicy::none());
        request.idempotent = false;
        let headers = &mut request.headers;
        headers.insert("tus-resumable", const { HeaderValue::from_static("1.0.0") });
        // The server wants it on every request.
        headers.insert("x-upsert", HeaderValue::from_static(if self.job.options.upsert { "true" } else { "false" }));
        if let Right::Signed(token) = &self.job.options.right
            && let Ok(mut token) = HeaderValue::try_from(token)
        {
            token.set_sensitive(true);
            headers.insert("x-signature", token);
        }
        request
    }

    fn is_signed(&self) -> bool {
        matches!(self.job.options.right, Right::Signed(_))
    }

    fn metadata(&self) -> Result<HeaderValue> {
        let options = &self.job.options;
        // Without it the server keeps the metadata of a replaced object, which an upload in one
        // request does not.
        let metadata = options.metadata.as_deref().unwrap_or("{}");
        let pairs = [
            ("bucketName", self.job.bucket.id.as_str()),
            ("objectName", &self.job.key),
            ("contentType", self.job.content_type()),
            ("cacheControl", &options.cache_control.to_string()),
            ("metadata", metadata),
        ]
        .map(|(name, value)| format!("{name} {}", STANDARD.encode(value)));
        HeaderValue::try_from(pairs.join(","))
            .map_err(|_| Error::new(ErrorKind::Refused, "the metadata do not fit into a header"))
    }

    /// Sends what it has been given, once.
    async fn exchange(&self, mut request: Pending, pulse: &Pulse) -> Result<HeaderMap> {
        request.options.timeout = Some(None);
        let (method, path) = (request.method.clone(), format!("/storage/v1{}", request.target));
        let sent = pulse.guard(self.job.patience(), async { respond::accepted(request.open().await?).await }).await;
        sent.map(|(_, headers, _)| headers).map_err(|error| error.with_request(&method, &path))
    }

    fn counted(&self, bytes: Bytes, before: u64, total: Option<u64>, pulse: &Pulse) -> Body {
        let length = Some(bytes.len() as u64);
        Body::Stream {
            stream: Box::pin(counted(bytes, before, total, self.job.listener.clone(), pulse.clone())),
            length,
        }
    }

    /// Waits before the next attempt, or gives the error back: it is final, or one too many.
    async fn back_off(&mut self, error: Error) -> Result<()> {
        let attempt = self.attempt;
        let next = match error.body() {
            _ if !is_transient(&error) => Attempt::Final,
            Some(body) => self.policy.after_trouble(attempt, &body.headers),
            None => self.policy.after_trouble(attempt, &HeaderMap::new()),
        };
        match next {
            Attempt::Final => Err(error.with_attempts(attempt)),
            Attempt::Again(wait) => {
                tracing::debug!(target: "supabase", attempt, kind = ?error.kind(), "the upload is interrupted");
                self.policy.wait(wait).await;
                self.attempt += 1;
                Ok(())
            }
        }
    }

    /// Makes the upload, with its first chunk, and gives how much of it the server has.
    async fn create(&mut self, chunk: &Chunk, length: Option<u64>) -> Result<u64> {
        let target = if self.is_signed() { "/upload/resumable/sign" } else { "/upload/resumable" };
        // A creation that finishes the object is not repeated, unless it replaces: the first one may
        // have been stored. Without its bytes it finishes nothing, and can be.
        let with_bytes = !chunk.bytes.is_empty() && (!chunk.last || self.job.options.upsert);
        let repeatable = !(chunk.last && chunk.bytes.is_empty()) || self.job.options.upsert;
        loop {
            let pulse = Pulse::new();
            let mut request = self.request(Method::POST, target);
            match length {
                Some(length) => request.headers.insert(LENGTH, HeaderValue::from(length)),
                None => request.headers.insert("upload-defer-length", const { HeaderValue::from_static("1") }),
            };
            request.headers.insert("upload-metadata", self.metadata()?);
            if with_bytes {
                request.headers.insert(CONTENT_TYPE, CHUNK_TYPE);
                request.body = self.counted(chunk.bytes.clone(), 0, length, &pulse);
            }
            match self.exchange(request, &pulse).await {
                Ok(headers) => {
                    let location = headers.get(LOCATION).and_then(|value| value.to_str().ok()).ok_or_else(|| {
                        Error::new(
                            ErrorKind::Decode,
                            "the storage service made an upload without saying where (no `Location`)",
                        )
                    })?;
                    self.target = UploadState::target(location, self.is_signed());
                    self.url = format!("{}/storage/v1{}", self.job.bucket.client.url(), self.target);
                    self.length_known = length.is_some();
                    self.attempt = 1;
                    self.tell(length, 0, EMPTY_SHA256.to_owned());
                    return Ok(number(&headers, OFFSET).unwrap_or(0));
                }
                Err(error) if repeatable => self.back_off(error).await?,
                Err(error) => return Err(error),
            }
        }
    }

    /// Sends what the server lacks of a chunk, and gives how much it has then.
    async fn patch(&mut self, chunk: &Chunk, offset: u64) -> Result<u64> {
        let pulse = Pulse::new();
        let skip = usize::try_from(offset - chunk.begin).unwrap_or(usize::MAX).min(chunk.bytes.len());
        let mut request = self.request(Method::PATCH, &self.target);
        request.headers.insert(CONTENT_TYPE, CHUNK_TYPE);
        request.headers.insert(OFFSET, HeaderValue::from(offset));
        if chunk.last && !self.length_known {
            request.headers.insert(LENGTH, HeaderValue::from(chunk.end()));
        }
        if chunk.last {
            self.total = Some(chunk.end());
        }
        let total = self.total;
        request.body = self.counted(chunk.bytes.slice(skip..), offset, total, &pulse);
        let failed = match self.exchange(request, &pulse).await {
            Ok(headers) => {
                let reached = number(&headers, OFFSET).unwrap_or_else(|| chunk.end());
                if reached >= chunk.end() {
                    self.length_known |= chunk.last;
                }
                if reached > offset || chunk.end() == offset {
                    self.attempt = 1;
                    return Ok(reached);
                }
                Error::new(ErrorKind::Unavailable, "the storage service took nothing of a chunk")
            }
            Err(error) => error,
        };
        self.back_off(failed).await?;
        // How much arrived before it broke?
        loop {
            match self.head().await {
                Ok(known) => {
                    self.length_known = known.length.is_some();
                    if known.offset > offset {
                        self.attempt = 1;
                    }
                    return Ok(known.offset);
                }
                Err(error) => self.back_off(error).await?,
            }
        }
    }

    async fn head(&self) -> Result<Known> {
        let pulse = Pulse::new();
        let headers = self.exchange(self.request(Method::HEAD, &self.target), &pulse).await.map_err(|error| {
            if error.kind() == ErrorKind::NotFound {
                error.with_context(
                    "the server no longer knows this upload (finished, given up, or expired): start again",
                )
            } else {
                error
            }
        })?;
        let offset = number(&headers, OFFSET).ok_or_else(|| {
            Error::new(ErrorKind::Decode, "the storage service does not say how much it has (no `Upload-Offset`)")
        })?;
        Ok(Known { offset, length: number(&headers, LENGTH) })
    }

    /// Goes on with an upload of earlier, if the body is the same, and gives how much the server has.
    async fn take_up(&mut self, state: &UploadState, source: &mut Source) -> Result<u64> {
        self.target = UploadState::target(&state.url, self.is_signed());
        self.url = state.url.clone();
        let known = loop {
            match self.head().await {
                Ok(known) => break known,
                Err(error) => self.back_off(error).await?,
            }
        };
        self.attempt = 1;
        self.length_known = known.length.is_some();
        if let (Some(expected), Some(length)) = (known.length, source.length())
            && expected != length
        {
            return Err(Error::new(
                ErrorKind::Refused,
                format!("this upload is of {expected} bytes and the body has {length}: it is another body"),
            ));
        }
        source.expect(state.offset, state.sha256.clone())?;
        if known.offset < state.offset && source.is_rewindable() {
            // The server has lost something. The whole is compared all the same, before any of it is sent; of a
            // stream, each chunk is before it is sent.
            source.seek(state.offset).await?;
        }
        source.seek(known.offset).await?;
        Ok(known.offset)
    }

    /// Not while bytes are sent again: the hash is further, and the state that was told before holds.
    fn tell_state(&self, source: &Source) {
        if let Some(sha256) = source.sha256_here() {
            self.tell(source.length(), source.at(), sha256);
        }
    }

    fn tell(&self, length: Option<u64>, offset: u64, sha256: String) {
        if let Some(call) = &self.job.options.on_state {
            call(&UploadState {
                bucket: self.job.bucket.id.clone(),
                key: self.job.key.clone(),
                url: self.url.clone(),
                length,
                offset,
                sha256,
                upsert: self.job.options.upsert,
                signed: self.is_signed(),
            });
        }
    }
}

/// SHA-256 of nothing.
const EMPTY_SHA256: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

fn number(headers: &HeaderMap, name: &str) -> Option<u64> {
    headers.get(name)?.to_str().ok()?.trim().parse().ok()
}

/// Whether asking the server how much it has, and going on there, may help.
fn is_transient(error: &Error) -> bool {
    match error.kind() {
        ErrorKind::Offline | ErrorKind::Timeout | ErrorKind::Unavailable | ErrorKind::RateLimited => true,
        // The offset was not where the server is, or another request holds the upload.
        ErrorKind::Conflict => {
            error.status().is_some_and(|status| status.as_u16() == 423)
                || error.body().is_some_and(|body| body.text.contains("Upload-Offset"))
        }
        _ => error.status().is_some_and(|status| status.is_server_error() && status.as_u16() != 501),
    }
}
