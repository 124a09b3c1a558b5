//! Removing objects.

use chrono::{DateTime, Utc};
use http::Method;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

use super::call::{Pending, storage_call};
use super::objects::Bucket;
use super::{key, respond};
use crate::error::{Error, Result};

/// How many keys travel in one request.
const BATCH: usize = 1000;

/// What to remove: a key, or one version of it (where the server has versions).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
#[non_exhaustive]
pub enum RemoveItem {
    /// The object of that key.
    Key(String),
    /// One version of it.
    #[serde(rename_all = "camelCase")]
    Version {
        /// The key.
        path: String,
        /// The version.
        version_id: String,
    },
}

impl RemoveItem {
    fn key(&self) -> &str {
        match self {
            Self::Key(key) | Self::Version { path: key, .. } => key,
        }
    }
}

impl From<&str> for RemoveItem {
    fn from(key: &str) -> Self {
        Self::Key(key.to_owned())
    }
}

impl From<String> for RemoveItem {
    fn from(key: String) -> Self {
        Self::Key(key)
    }
}

impl From<&String> for RemoveItem {
    fn from(key: &String) -> Self {
        Self::Key(key.clone())
    }
}

/// An object that was removed.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[non_exhaustive]
pub struct RemovedObject {
    /// Its key.
    pub name: String,
    /// Its id.
    #[serde(default)]
    pub id: Option<Uuid>,
    /// Its bucket.
    #[serde(default)]
    pub bucket_id: Option<String>,
    /// Its version.
    #[serde(default)]
    pub version: Option<String>,
    /// What the server knew about its content.
    #[serde(default)]
    pub metadata: Option<Value>,
    /// The user's metadata.
    #[serde(default)]
    pub user_metadata: Option<Value>,
    /// When it was created.
    #[serde(default)]
    pub created_at: Option<DateTime<Utc>>,
    /// When it was written last.
    #[serde(default)]
    pub updated_at: Option<DateTime<Utc>>,
}

/// Removes objects; made by [`Bucket::remove`]. Keys of which there is no object are no error; the
/// answer lacks them.
#[must_use = "nothing is sent before the call is awaited"]
pub struct Remove {
    pending: Pending,
    bucket: Bucket,
    items: Vec<RemoveItem>,
}

impl Remove {
    pub(crate) fn new(bucket: &Bucket, items: Vec<RemoveItem>) -> Self {
        let mut pending = bucket.bucket_call(Method::DELETE, "/object");
        for item in &items {
            pending.refuse(key::check(item.key()));
        }
        Self { pending, bucket: bucket.clone(), items }
    }

    fn finish(self) -> impl Future<Output = Result<Vec<RemovedObject>>> + Send + 'static {
        async move {
            let Self { mut pending, bucket, items } = self;
            if let Some(refusal) = pending.refusal.take() {
                return Err(refusal);
            }
            let mut removed: Vec<RemovedObject> = Vec::new();
            for batch in items.chunks(BATCH) {
                let mut part = bucket.bucket_call(Method::DELETE, "/object").json(&json!({ "prefixes": batch }));
                part.options = pending.options.clone();
                let gone = part.send().await.and_then(|(_, body)| respond::json::<Vec<RemovedObject>>(&body));
                removed.extend(gone.map_err(|error| after(error, removed.len()))?);
            }
            Ok(removed)
        }
    }
}

/// What has been removed before an error stays removed; the error says how much that is.
fn after(error: Error, removed: usize) -> Error {
    if removed == 0 { error } else { error.with_context(format!("{removed} objects were removed before")) }
}

storage_call! { Remove => Vec<RemovedObject>; }
