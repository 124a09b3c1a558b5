//! Listing by folder.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use super::call::{Pending, storage_call};
use super::objects::Bucket;
use super::respond;
use crate::error::Result;

/// Upwards or downwards.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Order {
    /// The smallest first.
    #[default]
    Asc,
    /// The greatest first.
    Desc,
}

impl Order {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Asc => "asc",
            Self::Desc => "desc",
        }
    }
}

/// What objects are sorted by.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum SortBy {
    /// Their name.
    #[default]
    Name,
    /// When they were created.
    CreatedAt,
    /// When they were written last.
    UpdatedAt,
    /// When they were read last; only [`List`] has it.
    LastAccessedAt,
}

#[derive(Debug, Clone, Copy, Serialize)]
pub(crate) struct Sort {
    pub(crate) column: SortBy,
    pub(crate) order: Order,
}

/// What a folder holds: a folder or a file.
#[derive(Debug, Clone, PartialEq)]
pub enum Entry {
    /// A folder, by its name without a slash.
    Folder {
        /// Its name.
        name: String,
    },
    /// An object.
    File(ListedFile),
}

impl Entry {
    /// The name, relative to the folder that was listed.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Folder { name } => name,
            Self::File(file) => &file.name,
        }
    }

    /// The object, if it is one.
    #[must_use]
    pub fn file(&self) -> Option<&ListedFile> {
        match self {
            Self::Folder { .. } => None,
            Self::File(file) => Some(file),
        }
    }
}

/// An object in a list.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[non_exhaustive]
pub struct ListedFile {
    /// Its name, relative to the folder that was listed.
    pub name: String,
    /// Its id.
    pub id: Uuid,
    /// When it was created.
    #[serde(default)]
    pub created_at: Option<DateTime<Utc>>,
    /// When it was written last.
    #[serde(default)]
    pub updated_at: Option<DateTime<Utc>>,
    /// When it was read last.
    #[serde(default)]
    pub last_accessed_at: Option<DateTime<Utc>>,
    /// What the server knows about its content: `size`, `mimetype`, `eTag`, `cacheControl`, …
    #[serde(default)]
    pub metadata: Option<Value>,
}

impl ListedFile {
    /// Its length in bytes.
    #[must_use]
    pub fn size(&self) -> Option<u64> {
        self.metadata.as_ref()?.get("size")?.as_u64()
    }

    /// Its content type.
    #[must_use]
    pub fn content_type(&self) -> Option<&str> {
        self.metadata.as_ref()?.get("mimetype")?.as_str()
    }
}

/// As the server says it: folders are rows without an id.
#[derive(Deserialize)]
struct Row {
    name: String,
    id: Option<Uuid>,
    #[serde(default)]
    created_at: Option<DateTime<Utc>>,
    #[serde(default)]
    updated_at: Option<DateTime<Utc>>,
    #[serde(default)]
    last_accessed_at: Option<DateTime<Utc>>,
    #[serde(default)]
    metadata: Option<Value>,
}

impl From<Row> for Entry {
    fn from(row: Row) -> Self {
        match row.id {
            None => Self::Folder { name: row.name },
            Some(id) => Self::File(ListedFile {
                name: row.name,
                id,
                created_at: row.created_at,
                updated_at: row.updated_at,
                last_accessed_at: row.last_accessed_at,
                metadata: row.metadata,
            }),
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Body {
    prefix: String,
    limit: u32,
    offset: u32,
    sort_by: Sort,
    #[serde(skip_serializing_if = "Option::is_none")]
    search: Option<String>,
}

/// Lists a folder; made by [`Bucket::list`]. A bucket that is missing or hidden looks empty.
#[must_use = "nothing is sent before the call is awaited"]
pub struct List {
    pending: Pending,
    body: Body,
}

impl List {
    pub(crate) fn new(bucket: &Bucket, folder: String) -> Self {
        // A list changes nothing, so it may be asked for again.
        let mut pending = bucket.bucket_call(http::Method::POST, "/object/list");
        pending.idempotent = true;
        let sort_by = Sort { column: SortBy::Name, order: Order::Asc };
        Self { pending, body: Body { prefix: folder, limit: 100, offset: 0, sort_by, search: None } }
    }

    /// At most so many entries, folders included: 100 unless set, 1500 at most.
    pub fn limit(mut self, limit: u32) -> Self {
        self.body.limit = limit;
        self
    }

    /// Skips so many entries.
    pub fn offset(mut self, offset: u32) -> Self {
        self.body.offset = offset;
        self
    }

    /// In this order; by name unless set. By a time, folders come first.
    pub fn sort_by(mut self, column: SortBy, order: Order) -> Self {
        self.body.sort_by = Sort { column, order };
        self
    }

    /// Only entries whose name begins with this, in whatever case.
    pub fn search(mut self, prefix_of_name: impl Into<String>) -> Self {
        self.body.search = Some(prefix_of_name.into());
        self
    }

    fn finish(self) -> impl Future<Output = Result<Vec<Entry>>> + Send + 'static {
        async move {
            let rows: Vec<Row> = respond::json(&self.pending.json(&self.body).send().await?.1)?;
            Ok(rows.into_iter().map(Entry::from).collect())
        }
    }
}

storage_call! { List => Vec<Entry>; }
