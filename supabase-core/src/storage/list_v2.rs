//! Listing by prefix, with a cursor.

use chrono::{DateTime, Utc};
use futures_util::{Stream, StreamExt, TryStreamExt};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use super::call::{Pending, storage_call};
use super::list::{Order, Sort, SortBy};
use super::objects::Bucket;
use super::respond;
use crate::client::RequestOptions;
use crate::error::Result;

/// One page of a list.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct ListPage {
    /// Whether there are more.
    #[serde(default)]
    pub has_next: bool,
    /// Where the next page begins; for [`ListV2::cursor`].
    #[serde(default)]
    pub next_cursor: Option<String>,
    /// The folders; only with [`ListV2::with_delimiter`].
    #[serde(default)]
    pub folders: Vec<ListedFolder>,
    /// The objects.
    #[serde(default)]
    pub objects: Vec<ListedObject>,
}

/// A folder in a list by prefix.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[non_exhaustive]
pub struct ListedFolder {
    /// Its whole path, with a slash at its end.
    pub name: String,
    /// Its last segment.
    #[serde(default)]
    pub key: Option<String>,
    /// When its oldest object was created, if the list is sorted by time.
    #[serde(default)]
    pub created_at: Option<DateTime<Utc>>,
    /// When it changed, if the list is sorted by time.
    #[serde(default)]
    pub updated_at: Option<DateTime<Utc>>,
}

/// An object in a list by prefix.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[non_exhaustive]
pub struct ListedObject {
    /// Its whole key.
    pub name: String,
    /// The last segment of it; only with [`ListV2::with_delimiter`].
    #[serde(default)]
    pub key: Option<String>,
    /// Its id.
    #[serde(default)]
    pub id: Option<Uuid>,
    /// When it was created.
    #[serde(default)]
    pub created_at: Option<DateTime<Utc>>,
    /// When it was written last.
    #[serde(default)]
    pub updated_at: Option<DateTime<Utc>>,
    /// When it was read last.
    #[serde(default)]
    pub last_accessed_at: Option<DateTime<Utc>>,
    /// What the server knows about its content: `size`, `mimetype`, `eTag`, …
    #[serde(default)]
    pub metadata: Option<Value>,
}

impl ListedObject {
    /// Its length in bytes.
    #[must_use]
    pub fn size(&self) -> Option<u64> {
        self.metadata.as_ref()?.get("size")?.as_u64()
    }
}

#[derive(Debug, Clone, Default, Serialize)]
struct Body {
    #[serde(skip_serializing_if = "Option::is_none")]
    prefix: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    limit: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cursor: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    with_delimiter: Option<bool>,
    #[serde(rename = "sortBy", skip_serializing_if = "Option::is_none")]
    sort_by: Option<Sort>,
    #[serde(rename = "deleteMarkers", skip_serializing_if = "Option::is_none")]
    delete_markers: Option<String>,
}

/// Lists by prefix; made by [`Bucket::list_v2`]. Awaiting it gives one page, [`stream`](Self::stream)
/// every object.
///
/// ```no_run
/// # async fn example(supabase: supabase_core::Client) -> supabase_core::Result<()> {
/// use futures_util::TryStreamExt;
/// let mut logs = supabase.storage().from("logs").list_v2().prefix("2026/").stream();
/// while let Some(object) = logs.try_next().await? {
///     println!("{} {:?}", object.name, object.size());
/// }
/// # Ok(()) }
/// ```
#[must_use = "nothing is sent before the call is awaited"]
pub struct ListV2 {
    pending: Pending,
    bucket: Bucket,
    body: Body,
}

impl ListV2 {
    pub(crate) fn new(bucket: &Bucket) -> Self {
        Self { pending: call(bucket), bucket: bucket.clone(), body: Body::default() }
    }

    /// Only keys that begin with this, to the letter. It need not end at a slash.
    pub fn prefix(mut self, prefix: impl Into<String>) -> Self {
        self.body.prefix = Some(prefix.into());
        self
    }

    /// At most so many in a page: 1000 unless set, which is also the most.
    pub fn limit(mut self, limit: u32) -> Self {
        self.body.limit = Some(limit);
        self
    }

    /// Begins where an earlier page ended. A cursor carries the order of its list.
    pub fn cursor(mut self, cursor: impl Into<String>) -> Self {
        self.body.cursor = Some(cursor.into());
        self
    }

    /// Whether what lies below the next slash is shown as one folder.
    pub fn with_delimiter(mut self, with: bool) -> Self {
        self.body.with_delimiter = Some(with);
        self
    }

    /// In this order; bytewise by key unless set.
    pub fn sort_by(mut self, column: SortBy, order: Order) -> Self {
        self.body.sort_by = Some(Sort { column, order });
        self
    }

    /// Which delete markers are listed, where the server has versions: `only`, `include`, `exclude`.
    pub fn delete_markers(mut self, which: impl Into<String>) -> Self {
        self.body.delete_markers = Some(which.into());
        self
    }

    fn finish(self) -> impl Future<Output = Result<ListPage>> + Send + 'static {
        async move { respond::json(&self.pending.json(&self.body).send().await?.1) }
    }

    /// Every page from here on. A page is asked for when the one before has been taken.
    pub fn pages(self) -> impl Stream<Item = Result<ListPage>> + Send + Unpin + 'static {
        let Self { pending, bucket, body } = self;
        let options = pending.options.clone();
        let first = State::Ask(Box::new(Ask { pending, body, bucket, options }));
        Box::pin(futures_util::stream::unfold(first, |state| async move {
            let State::Ask(ask) = state else { return None };
            let Ask { pending, mut body, bucket, options } = *ask;
            let page: Result<ListPage> = async { respond::json(&pending.json(&body).send().await?.1) }.await;
            let next = match &page {
                Ok(ListPage { has_next: true, next_cursor: Some(cursor), .. }) => {
                    body.cursor = Some(cursor.clone());
                    let mut pending = call(&bucket);
                    pending.options = options.clone();
                    State::Ask(Box::new(Ask { pending, body, bucket, options }))
                }
                // The last one, or an error: what comes after is not known.
                _ => State::Done,
            };
            Some((page, next))
        }))
    }

    /// Every object from here on, page by page, in constant memory. Folders are left out; see
    /// [`pages`](Self::pages) for them.
    pub fn stream(self) -> impl Stream<Item = Result<ListedObject>> + Send + Unpin + 'static {
        Box::pin(
            self.pages()
                .map(|page| page.map(|page| futures_util::stream::iter(page.objects.into_iter().map(Ok))))
                .try_flatten(),
        )
    }
}

enum State {
    Ask(Box<Ask>),
    Done,
}

/// A page that is to be asked for.
struct Ask {
    pending: Pending,
    body: Body,
    bucket: Bucket,
    options: RequestOptions,
}

fn call(bucket: &Bucket) -> Pending {
    let mut pending = bucket.bucket_call(http::Method::POST, "/object/list-v2");
    pending.idempotent = true;
    pending
}

storage_call! { ListV2 => ListPage; }
