//! Buckets: creating, listing, changing.

use chrono::{DateTime, Utc};
use http::Method;
use serde::{Deserialize, Serialize};

use super::call::{Pending, storage_call};
use super::list::Order;
use super::{key, respond};
use crate::client::Client;
use crate::error::{Error, ErrorKind, Result};

/// A bucket's settings.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct BucketInfo {
    /// What it is addressed by.
    pub id: String,
    /// Its name, usually the same.
    pub name: String,
    /// The user who created it; empty when no user did.
    #[serde(default)]
    pub owner: Option<String>,
    /// Whether its objects can be read without a key.
    #[serde(default)]
    pub public: bool,
    /// How many bytes an object may have.
    #[serde(default)]
    pub file_size_limit: Option<u64>,
    /// Which content types it accepts; `None` and an empty list accept all.
    #[serde(default)]
    pub allowed_mime_types: Option<Vec<String>>,
    /// When it was created.
    #[serde(default)]
    pub created_at: Option<DateTime<Utc>>,
    /// When it was changed.
    #[serde(default)]
    pub updated_at: Option<DateTime<Utc>>,
    /// `STANDARD` or `ANALYTICS`; only lists say it.
    #[serde(default, rename = "type")]
    pub kind: Option<String>,
    /// Whether it keeps old versions of its objects, where the server has versions.
    #[serde(default)]
    pub versioning_status: Option<Versioning>,
}

/// Whether a bucket keeps old versions of its objects.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Versioning {
    /// Every version is kept.
    #[serde(rename = "ENABLED")]
    Enabled,
    /// Versions that exist are kept, new ones are not made.
    #[serde(rename = "SUSPENDED")]
    Suspended,
    /// There are no versions.
    #[serde(rename = "DISABLED")]
    Disabled,
    /// Something newer.
    #[serde(untagged)]
    Other(String),
}

/// What creating a bucket gives.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct CreatedBucket {
    /// The name of the bucket (not its id, should they differ).
    pub name: String,
}

/// How many bytes an object of a bucket may have: a number, or text with a decimal unit (`"20MB"` is
/// 20,000,000).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
#[non_exhaustive]
pub enum FileSizeLimit {
    /// So many bytes.
    Bytes(u64),
    /// A number with `b`, `kb`, `mb` or `gb`.
    Text(String),
}

impl From<u64> for FileSizeLimit {
    fn from(bytes: u64) -> Self {
        Self::Bytes(bytes)
    }
}

impl From<i32> for FileSizeLimit {
    /// A plain literal; a negative one is refused by the server.
    fn from(bytes: i32) -> Self {
        u64::try_from(bytes).map_or_else(|_| Self::Text(bytes.to_string()), Self::Bytes)
    }
}

impl From<&str> for FileSizeLimit {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

#[derive(Serialize)]
struct Settings {
    id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    kind: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    public: Option<bool>,
    // Two levels: absent leaves it, null clears it.
    #[serde(skip_serializing_if = "Option::is_none")]
    file_size_limit: Option<Option<FileSizeLimit>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    allowed_mime_types: Option<Option<Vec<String>>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    versioning_status: Option<Versioning>,
}

impl Settings {
    fn new(id: &str) -> Self {
        Self {
            id: id.to_owned(),
            name: Some(id.to_owned()),
            kind: None,
            public: None,
            file_size_limit: None,
            allowed_mime_types: None,
            versioning_status: None,
        }
    }
}

macro_rules! settings {
    ($ty:ident) => {
        impl $ty {
            /// Whether objects can be read without a key.
            pub fn public(mut self, public: bool) -> Self {
                self.settings.public = Some(public);
                self
            }

            /// How many bytes an object may have, such as `1024` or `"20MB"`; `None` removes the limit.
            pub fn file_size_limit<L: Into<FileSizeLimit>>(mut self, limit: impl Into<Option<L>>) -> Self {
                self.settings.file_size_limit = Some(limit.into().map(Into::into));
                self
            }

            /// Which content types are accepted: `image/png`, `image/*`.
            pub fn allowed_mime_types(mut self, types: impl IntoIterator<Item = impl Into<String>>) -> Self {
                self.settings.allowed_mime_types = Some(Some(types.into_iter().map(Into::into).collect()));
                self
            }

            /// Accepts every content type.
            pub fn any_mime_type(mut self) -> Self {
                self.settings.allowed_mime_types = Some(None);
                self
            }

            /// Whether old versions of objects are kept, where the server has versions.
            pub fn versioning(mut self, status: Versioning) -> Self {
                self.settings.versioning_status = Some(status);
                self
            }
        }
    };
}

/// Creates a bucket; made by [`Storage::create_bucket`](super::Storage::create_bucket).
#[must_use = "nothing is sent before the call is awaited"]
pub struct CreateBucket {
    pending: Pending,
    settings: Settings,
}

settings!(CreateBucket);

impl CreateBucket {
    pub(crate) fn new(client: &Client, id: String) -> Self {
        let pending = Pending::new(client, Method::POST, "/bucket").check(key::check_bucket(&id));
        Self { pending, settings: Settings { public: Some(false), ..Settings::new(&id) } }
    }

    /// Another name than the id.
    pub fn name(mut self, name: impl Into<String>) -> Self {
        self.settings.name = Some(name.into());
        self
    }

    /// The kind of bucket, `STANDARD` unless set.
    pub fn kind(mut self, kind: impl Into<String>) -> Self {
        self.settings.kind = Some(kind.into());
        self
    }

    fn finish(self) -> impl Future<Output = Result<CreatedBucket>> + Send + 'static {
        async move { respond::json(&self.pending.json(&self.settings).send().await?.1) }
    }
}

/// Changes settings of a bucket; made by [`Storage::update_bucket`](super::Storage::update_bucket).
#[must_use = "nothing is sent before the call is awaited"]
pub struct UpdateBucket {
    pending: Pending,
    settings: Settings,
}

settings!(UpdateBucket);

impl UpdateBucket {
    pub(crate) fn new(pending: Pending, id: &str) -> Self {
        Self { pending, settings: Settings::new(id) }
    }

    fn finish(mut self) -> impl Future<Output = Result<()>> + Send + 'static {
        async move {
            let settings = &self.settings;
            if settings.public.is_none()
                && settings.file_size_limit.is_none()
                && settings.allowed_mime_types.is_none()
                && settings.versioning_status.is_none()
            {
                self.pending.refuse::<()>(Err(Error::new(
                    ErrorKind::Refused,
                    "`update_bucket` changes nothing: say `.public(..)`, `.file_size_limit(..)` or `.allowed_mime_types(..)`",
                )));
            }
            self.pending.json(&self.settings).send().await.map(drop)
        }
    }
}

/// What buckets are sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum BucketSort {
    /// Their id.
    Id,
    /// Their name, bytewise: capitals before small letters.
    Name,
    /// When they were created.
    CreatedAt,
    /// When they were changed.
    UpdatedAt,
}

impl BucketSort {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Id => "id",
            Self::Name => "name",
            Self::CreatedAt => "created_at",
            Self::UpdatedAt => "updated_at",
        }
    }
}

/// Lists buckets; made by [`Storage::list_buckets`](super::Storage::list_buckets).
#[must_use = "nothing is sent before the call is awaited"]
pub struct ListBuckets {
    pending: Pending,
}

impl ListBuckets {
    pub(crate) fn new(client: &Client) -> Self {
        Self { pending: Pending::new(client, Method::GET, "/bucket") }
    }

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

    /// Only those whose name holds this text, in whatever case.
    pub fn search(mut self, text: &str) -> Self {
        self.pending.query("search", text);
        self
    }

    /// In this order.
    pub fn sort_by(mut self, column: BucketSort, order: Order) -> Self {
        self.pending.query("sortColumn", column.as_str());
        self.pending.query("sortOrder", order.as_str());
        self
    }

    fn finish(self) -> impl Future<Output = Result<Vec<BucketInfo>>> + Send + 'static {
        async move { respond::json(&self.pending.send().await?.1) }
    }
}

storage_call! {
    CreateBucket => CreatedBucket;
    UpdateBucket => ();
    ListBuckets => Vec<BucketInfo>;
}
