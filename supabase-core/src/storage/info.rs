//! What is known about an object, and whether there is one.

use chrono::{DateTime, Utc};
use http::Method;
use serde::Deserialize;
use serde_json::Value;
use uuid::Uuid;

use super::call::{Pending, storage_call};
use super::objects::Bucket;
use super::respond;
use crate::error::{Error, ErrorKind, Result};

/// What is known about an object.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[non_exhaustive]
pub struct ObjectInfo {
    /// Its id; it stays when the object is replaced or moved.
    #[serde(default)]
    pub id: Option<Uuid>,
    /// Its key.
    pub name: String,
    /// Its version; another one after each write.
    #[serde(default)]
    pub version: Option<String>,
    /// Its bucket.
    #[serde(default)]
    pub bucket_id: Option<String>,
    /// Its length in bytes.
    #[serde(default)]
    pub size: Option<u64>,
    /// Its content type.
    #[serde(default)]
    pub content_type: Option<String>,
    /// How long caches may keep it.
    #[serde(default)]
    pub cache_control: Option<String>,
    /// Its entity tag, in quotes, for [`Download::if_none_match`](super::Download::if_none_match).
    #[serde(default)]
    pub etag: Option<String>,
    /// The user's metadata, as given to [`Upload::metadata`](super::Upload::metadata).
    #[serde(default)]
    pub metadata: Option<Value>,
    /// When it was written last.
    #[serde(default)]
    pub last_modified: Option<DateTime<Utc>>,
    /// When it was created.
    #[serde(default)]
    pub created_at: Option<DateTime<Utc>>,
}

/// Asks about an object; made by [`Bucket::info`].
#[must_use = "nothing is sent before the call is awaited"]
pub struct Info {
    pending: Pending,
}

impl Info {
    pub(crate) fn new(bucket: &Bucket, key: &str) -> Self {
        Self { pending: bucket.object_call(Method::GET, "/object/info", key) }
    }

    /// About this version, where the server has versions.
    pub fn version_id(mut self, version: &str) -> Self {
        self.pending.query("versionId", version);
        self
    }

    fn finish(self) -> impl Future<Output = Result<ObjectInfo>> + Send + 'static {
        async move { respond::json(&self.pending.send().await?.1) }
    }
}

/// Asks whether there is an object; made by [`Bucket::exists`].
#[must_use = "nothing is sent before the call is awaited"]
pub struct Exists {
    pending: Pending,
}

impl Exists {
    pub(crate) fn new(info: Info) -> Self {
        Self { pending: info.pending }
    }

    fn finish(self) -> impl Future<Output = Result<bool>> + Send + 'static {
        async move {
            match self.pending.send().await {
                Ok(_) => Ok(true),
                Err(error) if is_missing_object(&error) => Ok(false),
                Err(error) => Err(error),
            }
        }
    }
}

/// Whether the server says that this very object is missing: older servers have no code for it, and
/// some answer with a true 404.
fn is_missing_object(error: &Error) -> bool {
    error.kind() == ErrorKind::NotFound
        && match error.code() {
            None => true,
            Some(code) => matches!(code, "NoSuchKey" | "not_found"),
        }
}

storage_call! {
    Info => ObjectInfo;
    Exists => bool;
}
