//! What can be uploaded.

use std::path::{Path, PathBuf};
use std::pin::Pin;

use bytes::{Bytes, BytesMut};
use futures_util::{Stream, TryStreamExt};
use tokio::io::{AsyncRead, AsyncReadExt};

pub(super) type Parts = Pin<Box<dyn Stream<Item = std::io::Result<Bytes>> + Send>>;

/// How much of a reader is taken at once.
const READ: usize = 64 * 1024;

/// What is uploaded: bytes, text, the file at a path, a reader or a stream.
///
/// `Bytes`, `Vec<u8>`, `&[u8]`, `&str`, `String`, `&Path` and `PathBuf` turn into it by themselves. Text
/// is content, never the name of a file.
///
/// ```
/// use supabase_core::storage::UploadBody;
/// let content: UploadBody = "hello".into();
/// let file: UploadBody = std::path::Path::new("a.png").into();
/// let reader = UploadBody::reader(tokio::io::empty());
/// let stream = UploadBody::stream(futures_util::stream::iter([Ok::<_, std::io::Error>(bytes::Bytes::new())])).with_length(0);
/// ```
pub struct UploadBody(pub(super) Content);

pub(super) enum Content {
    Text(Bytes),
    Bytes(Bytes),
    Path(PathBuf),
    Parts { parts: Parts, length: Option<u64> },
}

impl std::fmt::Debug for UploadBody {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.0 {
            Content::Text(bytes) | Content::Bytes(bytes) => write!(out, "UploadBody({} bytes)", bytes.len()),
            Content::Path(path) => write!(out, "UploadBody({})", path.display()),
            Content::Parts { length, .. } => write!(out, "UploadBody(stream of {length:?} bytes)"),
        }
    }
}

impl UploadBody {
    /// What a reader gives until its end.
    pub fn reader(reader: impl AsyncRead + Send + 'static) -> Self {
        let parts = futures_util::stream::try_unfold(Box::pin(reader), |mut reader| async move {
            let mut part = BytesMut::with_capacity(READ);
            let read = reader.read_buf(&mut part).await?;
            Ok::<_, std::io::Error>((read > 0).then(|| (part.freeze(), reader)))
        });
        Self(Content::Parts { parts: Box::pin(parts), length: None })
    }

    /// What a stream gives until its end.
    pub fn stream<B, E>(stream: impl Stream<Item = Result<B, E>> + Send + 'static) -> Self
    where
        B: Into<Bytes> + 'static,
        E: Into<Box<dyn std::error::Error + Send + Sync>> + 'static,
    {
        let parts = stream.map_ok(Into::into).map_err(std::io::Error::other);
        Self(Content::Parts { parts: Box::pin(parts), length: None })
    }

    /// Says how many bytes a reader or stream gives. Another number of bytes is then an error, and
    /// nothing is stored.
    #[must_use]
    pub fn with_length(self, bytes: u64) -> Self {
        match self.0 {
            Content::Parts { parts, .. } => Self(Content::Parts { parts, length: Some(bytes) }),
            // The others know theirs.
            other => Self(other),
        }
    }

    /// The content type, by the name of the key, then of the file, then by what the body is.
    pub(super) fn guess_content_type(&self, key: &str) -> String {
        let by_name = |path: &Path| mime_guess::from_path(path).first_raw();
        let guessed = by_name(Path::new(key)).or_else(|| match &self.0 {
            Content::Path(path) => by_name(path),
            _ => None,
        });
        let fallback =
            if matches!(self.0, Content::Text(_)) { "text/plain;charset=UTF-8" } else { "application/octet-stream" };
        guessed.unwrap_or(fallback).to_owned()
    }
}

macro_rules! from {
    ($($ty:ty => $variant:ident($value:ident) $make:expr;)+) => {$(
        impl From<$ty> for UploadBody {
            fn from($value: $ty) -> Self {
                Self(Content::$variant($make))
            }
        }
    )+};
}

from! {
    Bytes => Bytes(value) value;
    Vec<u8> => Bytes(value) value.into();
    &[u8] => Bytes(value) Bytes::copy_from_slice(value);
    &str => Text(value) Bytes::copy_from_slice(value.as_bytes());
    &String => Text(value) Bytes::copy_from_slice(value.as_bytes());
    String => Text(value) value.into();
    PathBuf => Path(value) value;
    &Path => Path(value) value.to_owned();
    &PathBuf => Path(value) value.clone();
}

impl<const N: usize> From<&[u8; N]> for UploadBody {
    fn from(value: &[u8; N]) -> Self {
        Self(Content::Bytes(Bytes::copy_from_slice(value)))
    }
}
