//! Moving and copying objects, within a bucket and between buckets.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, Utc};
use http::{HeaderValue, Method};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use uuid::Uuid;

use super::call::{Pending, storage_call};
use super::objects::Bucket;
use super::{key, respond};
use crate::error::{Error, ErrorKind, Result};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Transfer {
    bucket_id: String,
    source_key: String,
    destination_key: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    destination_bucket: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    source_version_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    copy_metadata: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    metadata: Option<Map<String, Value>>,
}

impl Transfer {
    fn new(bucket: &Bucket, from: String, to: String) -> Self {
        Self {
            bucket_id: bucket.id.clone(),
            source_key: from,
            destination_key: to,
            destination_bucket: None,
            source_version_id: None,
            copy_metadata: None,
            metadata: None,
        }
    }
}

fn pending(bucket: &Bucket, target: &str, from: &str, to: &str) -> Pending {
    Pending::new(&bucket.client, Method::POST, target)
        .check(key::check_bucket(&bucket.id))
        .check(key::check(from))
        .check(key::check(to))
}

macro_rules! transfer {
    ($ty:ident) => {
        impl $ty {
            /// Into another bucket.
            pub fn into_bucket(mut self, bucket: impl Into<String>) -> Self {
                let bucket = bucket.into();
                self.pending.refuse(key::check_bucket(&bucket));
                self.transfer.destination_bucket = Some(bucket);
                self
            }

            /// This version of the source, where the server has versions.
            pub fn version_id(mut self, version: impl Into<String>) -> Self {
                self.transfer.source_version_id = Some(version.into());
                self
            }
        }
    };
}

/// Moves an object; made by [`Bucket::move_to`]. Its id, creation time and metadata stay.
#[must_use = "nothing is sent before the call is awaited"]
pub struct Move {
    pending: Pending,
    transfer: Transfer,
}

transfer!(Move);

impl Move {
    pub(crate) fn new(bucket: &Bucket, from: String, to: String) -> Self {
        Self { pending: pending(bucket, "/object/move", &from, &to), transfer: Transfer::new(bucket, from, to) }
    }

    fn finish(self) -> impl Future<Output = Result<()>> + Send + 'static {
        async move { self.pending.json(&self.transfer).send().await.map(drop) }
    }
}

/// The object that a copy made.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[non_exhaustive]
pub struct Copied {
    /// Bucket and key, with a slash between.
    #[serde(rename = "Key")]
    pub full_path: String,
    /// Its id.
    #[serde(rename = "Id", default)]
    pub id: Option<Uuid>,
    /// Its key.
    #[serde(default)]
    pub name: Option<String>,
    /// Its bucket.
    #[serde(default)]
    pub bucket_id: Option<String>,
    /// What the server knows about its content.
    #[serde(default)]
    pub metadata: Option<Value>,
    /// The user's metadata.
    #[serde(default)]
    pub user_metadata: Option<Value>,
    /// When it was made.
    #[serde(default)]
    pub created_at: Option<DateTime<Utc>>,
}

/// Copies an object; made by [`Bucket::copy`].
#[must_use = "nothing is sent before the call is awaited"]
pub struct Copy {
    pending: Pending,
    transfer: Transfer,
}

transfer!(Copy);

impl Copy {
    pub(crate) fn new(bucket: &Bucket, from: String, to: String) -> Self {
        Self { pending: pending(bucket, "/object/copy", &from, &to), transfer: Transfer::new(bucket, from, to) }
    }

    /// Replaces an object of the destination's key.
    pub fn upsert(mut self, upsert: bool) -> Self {
        self.pending.headers.insert("x-upsert", HeaderValue::from_static(if upsert { "true" } else { "false" }));
        self.pending.idempotent = upsert;
        self
    }

    /// Whether the copy has the metadata of the source, as it has unless this says `false`. Then
    /// [`content_type`](Self::content_type), [`cache_control`](Self::cache_control) and
    /// [`metadata`](Self::metadata) count, and user metadata that are not given are gone.
    pub fn copy_metadata(mut self, copy: bool) -> Self {
        self.transfer.copy_metadata = Some(copy);
        self
    }

    /// Another content type; for `copy_metadata(false)`.
    pub fn content_type(mut self, content_type: impl Into<String>) -> Self {
        self.transfer.metadata.get_or_insert_default().insert("mimetype".into(), content_type.into().into());
        self
    }

    /// For how many seconds caches may keep the copy; for `copy_metadata(false)`.
    pub fn cache_control(mut self, seconds: u32) -> Self {
        self.transfer
            .metadata
            .get_or_insert_default()
            .insert("cacheControl".into(), format!("max-age={seconds}").into());
        self
    }

    /// Other user metadata; for `copy_metadata(false)`.
    pub fn metadata(mut self, metadata: &impl Serialize) -> Self {
        let encoded = serde_json::to_vec(metadata)
            .map_err(|error| Error::new(ErrorKind::Refused, format!("the metadata cannot be written as JSON: {error}")))
            .and_then(|json| {
                HeaderValue::try_from(STANDARD.encode(json))
                    .map_err(|_| Error::new(ErrorKind::Refused, "the metadata do not fit into a header"))
            });
        match encoded {
            Ok(value) => {
                self.pending.headers.insert("x-metadata", value);
            }
            refused => self.pending.refuse(refused),
        }
        self
    }

    fn finish(self) -> impl Future<Output = Result<Copied>> + Send + 'static {
        async move { respond::json(&self.pending.json(&self.transfer).send().await?.1) }
    }
}

storage_call! {
    Move => ();
    Copy => Copied;
}
