//! Reading objects: as bytes, as a stream, into a file.

use std::fmt;
use std::io::Write as _;
use std::ops::{Bound, RangeBounds};
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::SystemTime;

use bytes::Bytes;
use futures_util::{Stream, StreamExt};
use http::header::{
    ACCEPT_ENCODING, CACHE_CONTROL, CONTENT_LENGTH, CONTENT_RANGE, CONTENT_TYPE, ETAG, IF_MODIFIED_SINCE,
    IF_NONE_MATCH, LAST_MODIFIED, RANGE,
};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};

use super::call::{Pending, storage_call};
use super::objects::Bucket;
use super::transform::Transform;
use super::{key, respond};
use crate::error::{Error, ErrorKind, Result};
use crate::transport::{HttpResponse, ResponseBody};

/// Reads an object; made by [`Bucket::download`]. Awaiting it gives all bytes.
///
/// ```no_run
/// # async fn example(supabase: supabase_core::Client) -> supabase_core::Result<()> {
/// let files = supabase.storage().from("files");
/// let head: bytes::Bytes = files.download("big.bin").range(..1024).await?;
/// let written: u64 = files.download("big.bin").to_file("big.bin").await?;
/// # Ok(()) }
/// ```
#[must_use = "nothing is sent before the call is awaited"]
pub struct Download {
    pending: Pending,
    bucket: Bucket,
    key: String,
}

impl Download {
    pub(crate) fn new(bucket: &Bucket, key: String) -> Self {
        let mut pending = bucket.object_call(Method::GET, "/object", &key);
        // The length and the ranges of the object itself, not of a compressed form of it.
        pending.headers.insert(ACCEPT_ENCODING, const { HeaderValue::from_static("identity") });
        Self { pending, bucket: bucket.clone(), key }
    }

    /// Only these bytes: `..1024`, `1024..`, `10..20`.
    pub fn range(mut self, range: impl RangeBounds<u64>) -> Self {
        let first = match range.start_bound() {
            Bound::Unbounded => 0,
            Bound::Included(&first) => first,
            Bound::Excluded(&before) => before.saturating_add(1),
        };
        let last = match range.end_bound() {
            Bound::Unbounded => None,
            Bound::Included(&last) => Some(last),
            Bound::Excluded(&0) => {
                self.pending
                    .refuse::<()>(Err(Error::new(ErrorKind::Refused, "`.range(..)` is empty: it asks for no byte")));
                None
            }
            Bound::Excluded(&end) => Some(end - 1),
        };
        if last.is_some_and(|last| last < first) {
            self.pending
                .refuse::<()>(Err(Error::new(ErrorKind::Refused, "`.range(..)` is empty: it ends before it begins")));
        }
        let text = last.map_or_else(|| format!("bytes={first}-"), |last| format!("bytes={first}-{last}"));
        self.set(RANGE, &text);
        self
    }

    /// Only the last so many bytes.
    pub fn last_bytes(mut self, count: u64) -> Self {
        self.set(RANGE, &format!("bytes=-{count}"));
        self
    }

    /// Has an image transformed.
    pub fn transform(mut self, transform: Transform) -> Self {
        let query = self.pending.target.split_once('?').map(|(_, query)| query.to_owned());
        self.pending.target = key::object_path("/render/image/authenticated", &self.bucket.id, &self.key);
        transform.write(&mut self.pending.target);
        if let Some(query) = query {
            self.pending.target.push(if self.pending.target.contains('?') { '&' } else { '?' });
            self.pending.target.push_str(&query);
        }
        self
    }

    /// Passes caches by: another nonce is another URL.
    pub fn cache_nonce(mut self, nonce: &str) -> Self {
        self.pending.query("cacheNonce", nonce);
        self
    }

    /// This version of the object, where the server has versions.
    pub fn version_id(mut self, version: &str) -> Self {
        self.pending.query("versionId", version);
        self
    }

    /// A further parameter of the query.
    pub fn query(mut self, name: &str, value: &str) -> Self {
        self.pending.query(name, value);
        self
    }

    /// Only if the object is another one than that with this entity tag, quotes included
    /// ([`Downloaded::etag`], [`ObjectInfo::etag`](super::ObjectInfo::etag)).
    pub fn if_none_match(mut self, etag: &str) -> DownloadIfChanged {
        self.set(IF_NONE_MATCH, etag);
        DownloadIfChanged { pending: self.pending }
    }

    /// Only if the object was written after this time. The server may count milliseconds, which the
    /// header cannot say: [`if_none_match`](Self::if_none_match) is exact.
    pub fn if_modified_since(mut self, time: SystemTime) -> DownloadIfChanged {
        let time: chrono::DateTime<chrono::Utc> = time.into();
        self.set(IF_MODIFIED_SINCE, &time.format("%a, %d %b %Y %H:%M:%S GMT").to_string());
        DownloadIfChanged { pending: self.pending }
    }

    fn set(&mut self, name: HeaderName, value: &str) {
        match HeaderValue::try_from(value) {
            Ok(value) => {
                self.pending.headers.insert(name, value);
            }
            Err(_) => self
                .pending
                .refuse::<()>(Err(Error::new(ErrorKind::Refused, format!("`{name}` cannot have this value")))),
        }
    }

    /// Opens the object and gives its headers, with its bytes as a stream.
    ///
    /// # Errors
    /// See [`ErrorKind`]; [`NotFound`](ErrorKind::NotFound) when the object is missing or hidden.
    pub fn stream(self) -> impl Future<Output = Result<Downloaded>> + Send + 'static {
        async move { open(self.pending).await?.ok_or_else(unexpected_not_modified) }
    }

    /// Writes the object to a file and gives its length. The file appears only when every byte is
    /// there: until then they are in a temporary file beside it, which goes when the call fails or is
    /// dropped.
    ///
    /// # Errors
    /// See [`ErrorKind`]; [`Io`](ErrorKind::Io) when the file cannot be written.
    pub fn to_file(self, path: impl Into<PathBuf>) -> impl Future<Output = Result<u64>> + Send + 'static {
        let path = path.into();
        async move { self.stream().await?.to_file(path).await }
    }

    fn finish(self) -> impl Future<Output = Result<Bytes>> + Send + 'static {
        async move { self.stream().await?.bytes().await }
    }
}

/// Reads an object if it is another one than before; made by [`Download::if_none_match`]. `None`
/// says that it is the same.
#[must_use = "nothing is sent before the call is awaited"]
pub struct DownloadIfChanged {
    pending: Pending,
}

impl DownloadIfChanged {
    /// As [`Download::stream`].
    ///
    /// # Errors
    /// As there.
    pub fn stream(self) -> impl Future<Output = Result<Option<Downloaded>>> + Send + 'static {
        open(self.pending)
    }

    /// As [`Download::to_file`]; the file stays as it is when the object is the same.
    ///
    /// # Errors
    /// As there.
    pub fn to_file(self, path: impl Into<PathBuf>) -> impl Future<Output = Result<Option<u64>>> + Send + 'static {
        let path = path.into();
        async move {
            match self.stream().await? {
                None => Ok(None),
                Some(downloaded) => downloaded.to_file(path).await.map(Some),
            }
        }
    }

    fn finish(self) -> impl Future<Output = Result<Option<Bytes>>> + Send + 'static {
        async move {
            match self.stream().await? {
                None => Ok(None),
                Some(downloaded) => downloaded.bytes().await.map(Some),
            }
        }
    }
}

fn unexpected_not_modified() -> Error {
    Error::new(ErrorKind::Decode, "the storage service says that the object is unchanged, which nobody asked")
}

async fn open(pending: Pending) -> Result<Option<Downloaded>> {
    let path = format!("/storage/v1{}", pending.target);
    let response = pending.open().await?;
    if response.status == StatusCode::NOT_MODIFIED {
        return Ok(None);
    }
    if !response.status.is_success() {
        let HttpResponse { status, headers, body, .. } = response;
        let body = body.bytes().await?;
        return Err(respond::refused(status, headers, &body).with_request(&Method::GET, &path));
    }
    let HttpResponse { status, headers, body, .. } = response;
    let length = headers.get(CONTENT_LENGTH).and_then(|value| value.to_str().ok()).and_then(|value| value.parse().ok());
    Ok(Some(Downloaded { status, headers, length, read: 0, body: Some(body) }))
}

/// An object that is being read: its headers are there, its bytes are a stream.
///
/// An end before the announced length is an error, never a short object.
pub struct Downloaded {
    status: StatusCode,
    headers: HeaderMap,
    length: Option<u64>,
    read: u64,
    body: Option<ResponseBody>,
}

impl fmt::Debug for Downloaded {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Downloaded")
            .field("status", &self.status)
            .field("length", &self.length)
            .field("read", &self.read)
            .finish_non_exhaustive()
    }
}

impl Downloaded {
    fn text(&self, name: HeaderName) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// How many bytes come, if the server says so.
    #[must_use]
    pub fn length(&self) -> Option<u64> {
        self.length
    }

    /// The content type.
    #[must_use]
    pub fn content_type(&self) -> Option<&str> {
        self.text(CONTENT_TYPE)
    }

    /// The entity tag, quotes included.
    #[must_use]
    pub fn etag(&self) -> Option<&str> {
        self.text(ETAG)
    }

    /// How long caches may keep it.
    #[must_use]
    pub fn cache_control(&self) -> Option<&str> {
        self.text(CACHE_CONTROL)
    }

    /// When the object was written, as the server says it.
    #[must_use]
    pub fn last_modified(&self) -> Option<&str> {
        self.text(LAST_MODIFIED)
    }

    /// First byte, last byte and length of the whole object, when a range was asked for.
    #[must_use]
    pub fn content_range(&self) -> Option<(u64, u64, u64)> {
        let (range, total) = self.text(CONTENT_RANGE)?.strip_prefix("bytes ")?.split_once('/')?;
        let (first, last) = range.split_once('-')?;
        Some((first.parse().ok()?, last.parse().ok()?, total.parse().ok()?))
    }

    /// All headers.
    #[must_use]
    pub fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// Reads the rest into memory.
    ///
    /// # Errors
    /// When the connection breaks, or ends before the announced length.
    pub async fn bytes(mut self) -> Result<Bytes> {
        let mut parts = Vec::new();
        while let Some(part) = self.next().await {
            parts.push(part?);
        }
        match parts.len() {
            0 => Ok(Bytes::new()),
            1 => Ok(parts.swap_remove(0)),
            _ => Ok(Bytes::from(parts.concat())),
        }
    }

    /// Writes the rest to a file, as [`Download::to_file`].
    ///
    /// # Errors
    /// As there.
    pub async fn to_file(mut self, path: impl AsRef<Path> + Send) -> Result<u64> {
        let path = path.as_ref();
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or_else(|| Path::new("."));
        let failed = |what: &str, error: std::io::Error| {
            Error::new(ErrorKind::Io, format!("{what} `{}`: {error}", path.display())).with_source(error)
        };
        // Its file is removed when this is dropped, which is also what a cancelled call does.
        let mut builder = tempfile::Builder::new();
        builder.prefix(".download-");
        // Temporary files are private; this one becomes a file like any other.
        #[cfg(unix)]
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
        let temporary = builder.tempfile_in(folder).map_err(|error| failed("no file can be made beside", error))?;
        let (mut file, temporary) = temporary.into_parts();
        let mut written = 0_u64;
        while let Some(part) = self.next().await {
            let part = part?;
            written += part.len() as u64;
            file = write(file, part).await.map_err(|error| failed("cannot write what comes for", error))?;
        }
        let destination = path.to_owned();
        let done = tokio::task::spawn_blocking(move || {
            file.sync_data()?;
            drop(file);
            temporary.persist(&destination).map_err(|error| error.error)
        });
        done.await
            .unwrap_or_else(|error| Err(std::io::Error::other(error)))
            .map_err(|error| failed("cannot put the finished file at", error))?;
        Ok(written)
    }
}

/// Writes off the runtime's threads: a slow disk holds nothing else up.
async fn write(mut file: std::fs::File, part: Bytes) -> std::io::Result<std::fs::File> {
    tokio::task::spawn_blocking(move || file.write_all(&part).map(|()| file))
        .await
        .unwrap_or_else(|error| Err(std::io::Error::other(error)))
}

impl Stream for Downloaded {
    type Item = Result<Bytes>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let Some(body) = self.body.as_mut() else { return Poll::Ready(None) };
        let next = std::task::ready!(body.poll_next_unpin(context));
        match next {
            Some(Ok(part)) => {
                self.read += part.len() as u64;
                Poll::Ready(Some(Ok(part)))
            }
            Some(Err(error)) => {
                self.body = None;
                Poll::Ready(Some(Err(error)))
            }
            None => {
                self.body = None;
                match self.length {
                    Some(length) if length != self.read => Poll::Ready(Some(Err(Error::new(
                        ErrorKind::Offline,
                        format!("the object ended after {} of {length} bytes", self.read),
                    )))),
                    _ => Poll::Ready(None),
                }
            }
        }
    }
}

storage_call! {
    Download => Bytes;
    DownloadIfChanged => Option<Bytes>;
}
