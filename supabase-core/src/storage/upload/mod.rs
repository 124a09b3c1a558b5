//! Uploads: one request for what is small, the resumable protocol for what is not.

mod body;
mod multipart;
mod progress;
mod resumable;
mod source;
mod standard;
mod state;

use std::sync::Arc;
use std::time::Duration;

use futures_util::Stream;
use http::Method;
use serde::Serialize;
use uuid::Uuid;

pub use body::UploadBody;
pub use progress::Progress;
pub use state::UploadState;

use super::call::{Pending, storage_call};
use super::key;
use super::objects::Bucket;
use crate::error::{Error, ErrorKind, Result};
use progress::Listener;
use source::Source;

/// Above so many bytes (6 MiB) an upload is resumable, unless [`Upload::resumable`] says otherwise. It
/// is also the length of a chunk, which hosted projects prescribe.
pub const RESUMABLE_ABOVE: u64 = 6 * 1024 * 1024;

/// Which way an upload goes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Resumable {
    /// In chunks above [`RESUMABLE_ABOVE`] bytes, in one request below.
    #[default]
    Auto,
    /// In chunks, whatever the length.
    Always,
    /// In one request, whatever the length. A body of unknown length travels as a multipart form,
    /// since the server limits the length of nothing else.
    Never,
}

/// What an upload made.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Uploaded {
    /// The key of the object.
    pub key: String,
    /// Bucket and key, with a slash between.
    pub full_path: String,
    /// The object's id, where the server says it: not after a resumable upload, nor a signed one.
    pub id: Option<Uuid>,
    /// How many bytes there were.
    pub size: u64,
    /// SHA-256 of the bytes that were read, in hexadecimal.
    pub sha256: String,
    /// Whether it went in chunks.
    pub resumable: bool,
}

/// Where an upload's right comes from.
#[derive(Clone)]
pub(super) enum Right {
    /// The client's own.
    Own,
    /// A token that was signed for this key.
    Signed(String),
}

/// Who keeps the state of an upload.
type OnState = Arc<dyn Fn(&UploadState) + Send + Sync>;

/// What is said about an object when it is uploaded.
pub(super) struct Options {
    pub(super) upsert: bool,
    pub(super) content_type: Option<String>,
    pub(super) cache_control: u32,
    /// JSON text.
    pub(super) metadata: Option<String>,
    pub(super) resumable: Resumable,
    pub(super) multipart: bool,
    pub(super) chunk: usize,
    pub(super) right: Right,
    pub(super) on_state: Option<OnState>,
    pub(super) resume: Option<UploadState>,
}

/// Uploads an object; made by [`Bucket::upload`], [`Bucket::update`], [`Bucket::upload_to_signed_url`] and
/// [`Bucket::resume_upload`].
#[must_use = "nothing is sent before the upload is awaited"]
pub struct Upload {
    pending: Pending,
    bucket: Bucket,
    key: String,
    body: UploadBody,
    options: Options,
    listener: Listener,
}

impl Upload {
    pub(crate) fn new(bucket: &Bucket, method: Method, key: String, body: UploadBody) -> Self {
        let upsert = method == Method::PUT;
        let pending = bucket.object_call(method, "/object", &key);
        Self {
            pending,
            bucket: bucket.clone(),
            key,
            body,
            options: Options {
                upsert,
                content_type: None,
                cache_control: 3600,
                metadata: None,
                resumable: Resumable::Auto,
                multipart: false,
                chunk: usize::try_from(RESUMABLE_ABOVE).unwrap_or(usize::MAX),
                right: Right::Own,
                on_state: None,
                resume: None,
            },
            listener: Listener::default(),
        }
    }

    pub(crate) fn signed(mut self, token: String) -> Self {
        self.pending.target = key::object_path("/object/upload/sign", &self.bucket.id, &self.key);
        self.pending.query("token", &token);
        self.options.upsert = false;
        self.options.right = Right::Signed(token);
        self
    }

    pub(crate) fn resume(bucket: &Bucket, state: UploadState, body: UploadBody) -> Self {
        let mut upload = Self::new(bucket, Method::POST, state.key.clone(), body);
        if state.bucket != bucket.id {
            let why = format!("this state is of an upload to the bucket `{}`, not `{}`", state.bucket, bucket.id);
            upload.pending.refuse::<()>(Err(Error::new(ErrorKind::Refused, why)));
        }
        upload.options.upsert = state.upsert;
        upload.options.resumable = Resumable::Always;
        upload.options.resume = Some(state);
        upload
    }

    /// The key that the object gets.
    #[must_use]
    pub fn key(&self) -> &str {
        &self.key
    }

    /// Replaces an object of this key instead of refusing. For a signed upload, what was said when it
    /// was signed counts.
    pub fn upsert(mut self, upsert: bool) -> Self {
        self.options.upsert = upsert;
        self
    }

    /// The content type. Unless set it is guessed from the key, then from the path of the body.
    pub fn content_type(mut self, content_type: impl Into<String>) -> Self {
        self.options.content_type = Some(content_type.into());
        self
    }

    /// For how many seconds caches may keep the object: 3600 unless set.
    pub fn cache_control(mut self, seconds: u32) -> Self {
        self.options.cache_control = seconds;
        self
    }

    /// Metadata of one's own, as [`Bucket::info`] gives them back.
    pub fn metadata(mut self, metadata: &impl Serialize) -> Self {
        match serde_json::to_string(metadata) {
            Ok(json) => self.options.metadata = Some(json),
            Err(error) => self.pending.refuse::<()>(Err(Error::new(
                ErrorKind::Refused,
                format!("the metadata cannot be written as JSON: {error}"),
            ))),
        }
        self
    }

    /// Which way the upload goes: by its length unless said.
    pub fn resumable(mut self, resumable: Resumable) -> Self {
        self.options.resumable = resumable;
        self
    }

    /// Sends a multipart form, as browsers do, when the upload is one request.
    pub fn multipart(mut self, multipart: bool) -> Self {
        self.options.multipart = multipart;
        self
    }

    /// The length of a chunk of a resumable upload: 6 MiB, which hosted projects prescribe, unless set.
    pub fn chunk_size(mut self, bytes: usize) -> Self {
        self.options.chunk = bytes.max(1);
        self
    }

    /// Calls this as bytes leave. It is called from the task that uploads, so it should be quick.
    pub fn on_progress(mut self, call: impl Fn(Progress) + Send + Sync + 'static) -> Self {
        self.listener.call = Some(Arc::new(call));
        self
    }

    /// The progress as a stream, which ends with the upload. A slow reader misses steps, never the
    /// last one.
    pub fn with_progress(mut self) -> (Self, impl Stream<Item = Progress> + Send + Unpin + use<>) {
        let stream = self.listener.stream();
        (self, stream)
    }

    /// Calls this with the state of a resumable upload when the server has made it and after every
    /// chunk. Kept in a file, it lets another process go on with [`Bucket::resume_upload`].
    pub fn on_state(mut self, call: impl Fn(&UploadState) + Send + Sync + 'static) -> Self {
        self.options.on_state = Some(Arc::new(call));
        self
    }

    fn finish(self) -> impl Future<Output = Result<Uploaded>> + Send + 'static {
        async move {
            let Self { mut pending, bucket, key, body, mut options, listener } = self;
            if let Some(refusal) = pending.refusal.take() {
                return Err(refusal);
            }
            if let (Right::Own, Some(state)) = (&options.right, options.resume.as_ref().filter(|state| state.signed)) {
                return Err(state.wants_token("resume_signed_upload"));
            }
            if options.content_type.is_none() {
                options.content_type = Some(body.guess_content_type(&key));
            }
            let mut source = Source::open(body).await?;
            let whole = match options.resumable {
                Resumable::Always => None,
                Resumable::Never => source.take_if_within(RESUMABLE_ABOVE).await?.or_else(|| source.take_bytes()),
                Resumable::Auto => source.take_if_within(RESUMABLE_ABOVE).await?,
            };
            let job = Job { pending, bucket, key, options, listener };
            match whole {
                Some(bytes) => standard::send_bytes(job, bytes).await,
                None if job.options.resumable == Resumable::Never => standard::send_stream(job, source).await,
                None => resumable::send(job, source).await,
            }
        }
    }
}

/// An upload whose body has been opened.
pub(super) struct Job {
    pending: Pending,
    bucket: Bucket,
    key: String,
    options: Options,
    listener: Listener,
}

impl Job {
    pub(super) fn content_type(&self) -> &str {
        self.options.content_type.as_deref().unwrap_or("application/octet-stream")
    }

    /// How long the connection may be silent.
    pub(super) fn patience(&self) -> Option<Duration> {
        self.pending.options.timeout.unwrap_or_else(|| self.bucket.client.default_timeout())
    }

    pub(super) fn uploaded(self, id: Option<Uuid>, size: u64, sha256: String, resumable: bool) -> Uploaded {
        // An empty body is never asked for, and whoever watches is to see the end.
        self.listener.tell(size, Some(size));
        Uploaded { full_path: format!("{}/{}", self.bucket.id, self.key), key: self.key, id, size, sha256, resumable }
    }
}

storage_call! { Upload => Uploaded; }
