//! Analytics buckets: Apache Iceberg tables.
//!
//! These calls are proven against the requests of the official clients only; neither the recorded
//! server nor the local stack has analytics buckets.

use chrono::{DateTime, Utc};
use http::Method;
use serde::Deserialize;
use serde_json::json;

use super::bucket::BucketSort;
use super::call::{Call, Pending, nothing, storage_call};
use super::catalog::Catalog;
use super::list::Order;
use super::{key, respond};
use crate::client::Client;
use crate::error::Result;

/// Analytics buckets; made by [`Storage::analytics`](super::Storage::analytics).
#[derive(Debug, Clone)]
pub struct Analytics {
    client: Client,
}

/// What is known about an analytics bucket.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct AnalyticsBucket {
    /// Its name.
    pub name: String,
    /// Its id, where the service says it.
    #[serde(default)]
    pub id: Option<String>,
    /// `ANALYTICS`.
    #[serde(default, rename = "type")]
    pub kind: Option<String>,
    /// The format of its tables.
    #[serde(default)]
    pub format: Option<String>,
    /// When it was created.
    #[serde(default)]
    pub created_at: Option<DateTime<Utc>>,
    /// When it was changed.
    #[serde(default)]
    pub updated_at: Option<DateTime<Utc>>,
}

impl Analytics {
    pub(crate) fn new(client: Client) -> Self {
        Self { client }
    }

    /// Creates an analytics bucket.
    pub fn create_bucket(&self, name: &str) -> Call<AnalyticsBucket> {
        let pending = Pending::new(&self.client, Method::POST, "/iceberg/bucket").check(key::check_bucket(name));
        Call::new(pending.json(&json!({ "name": name })), respond::json)
    }

    /// Analytics buckets.
    pub fn list_buckets(&self) -> ListAnalyticsBuckets {
        ListAnalyticsBuckets { pending: Pending::new(&self.client, Method::GET, "/iceberg/bucket") }
    }

    /// Deletes an analytics bucket, which has to be empty.
    pub fn delete_bucket(&self, name: &str) -> Call<()> {
        let mut target = "/iceberg/bucket/".to_owned();
        key::encode(&mut target, name);
        let pending = Pending::new(&self.client, Method::DELETE, target).check(key::check_bucket(name));
        Call::new(pending.json(&json!({})), nothing)
    }

    /// The catalog of a bucket: its namespaces and tables.
    #[must_use]
    pub fn from(&self, bucket: impl Into<String>) -> Catalog {
        Catalog::new(self.client.clone(), bucket.into())
    }
}

/// Lists analytics buckets; made by [`Analytics::list_buckets`].
#[must_use = "nothing is sent before the call is awaited"]
pub struct ListAnalyticsBuckets {
    pending: Pending,
}

impl ListAnalyticsBuckets {
    /// At most so many.
    pub fn limit(mut self, limit: u32) -> Self {
        self.pending.query("limit", &limit.to_string());
        self
    }

    /// Skips so many.
    pub fn offset(mut self, offset: u32) -> Self {
        self.pending.query("offset", &offset.to_string());
        self
    }

    /// In this order.
    pub fn sort_by(mut self, column: BucketSort, order: Order) -> Self {
        self.pending.query("sortColumn", column.as_str());
        self.pending.query("sortOrder", order.as_str());
        self
    }

    /// Only those whose name holds this text.
    pub fn search(mut self, text: &str) -> Self {
        self.pending.query("search", text);
        self
    }

    fn finish(self) -> impl Future<Output = Result<Vec<AnalyticsBucket>>> + Send + 'static {
        async move { respond::json(&self.pending.send().await?.1) }
    }
}

storage_call! { ListAnalyticsBuckets => Vec<AnalyticsBucket>; }
