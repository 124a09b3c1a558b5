//! Rules by which old versions of objects go, and what the CDN is to forget.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::call::{Pending, storage_call};
use crate::error::Result;

/// The rules by which old versions of a bucket's objects go.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Lifecycle {
    /// The rules.
    pub rules: Vec<LifecycleRule>,
}

/// One rule.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LifecycleRule {
    /// Its name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// Whether it is in force.
    pub status: RuleStatus,
    /// Which objects it is about; empty is all of them.
    #[serde(default)]
    pub filter: Map<String, Value>,
    /// When versions that have been replaced go.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub noncurrent_version_expiration: Option<NoncurrentVersionExpiration>,
}

impl LifecycleRule {
    /// A rule in force for all objects: replaced versions go after so many days.
    #[must_use]
    pub fn expire_noncurrent(days: u32) -> Self {
        Self {
            id: None,
            status: RuleStatus::Enabled,
            filter: Map::new(),
            noncurrent_version_expiration: Some(NoncurrentVersionExpiration {
                noncurrent_days: days,
                newer_noncurrent_versions: None,
            }),
        }
    }
}

/// Whether a rule is in force.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum RuleStatus {
    /// It is.
    Enabled,
    /// It is not.
    Disabled,
}

/// When versions that have been replaced go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct NoncurrentVersionExpiration {
    /// So many days after they were replaced.
    pub noncurrent_days: u32,
    /// But never the newest so many.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub newer_noncurrent_versions: Option<u32>,
}

/// Makes the CDN forget; made by [`Storage::purge_bucket_cache`](super::Storage::purge_bucket_cache) and
/// [`Bucket::purge_cache`](super::Bucket::purge_cache).
#[must_use = "nothing is sent before the call is awaited"]
pub struct PurgeCache {
    pending: Pending,
}

impl PurgeCache {
    pub(crate) fn new(mut pending: Pending) -> Self {
        // What is forgotten twice is fetched again, and no more.
        pending.idempotent = true;
        Self { pending: pending.json(&json!({})) }
    }

    /// Only transformed images; the originals stay cached.
    pub fn transformations(mut self) -> Self {
        self.pending.query("transformations", "true");
        self
    }

    fn finish(self) -> impl Future<Output = Result<()>> + Send + 'static {
        async move { self.pending.send().await.map(drop) }
    }
}

storage_call! { PurgeCache => (); }
