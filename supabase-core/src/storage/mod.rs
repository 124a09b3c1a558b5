//! Buckets and the objects in them.
//!
//! [`Client::storage`] gives [`Storage`], whose methods are about buckets; [`Storage::from`] gives a
//! [`Bucket`], whose methods are about its objects. Uploads and downloads are streams of constant
//! memory; an upload above [`RESUMABLE_ABOVE`] bytes goes in chunks that survive a broken connection
//! ([TUS](https://tus.io)), and, with [`Upload::on_state`], the end of the process.
//!
//! ```no_run
//! # async fn example(supabase: supabase_core::Client) -> supabase_core::Result<()> {
//! let avatars = supabase.storage().from("avatars");
//! avatars.upload("public/a.png", std::path::Path::new("a.png")).upsert(true).await?;
//! let bytes = avatars.download("public/a.png").await?;
//! let url = avatars.create_signed_url("public/a.png", std::time::Duration::from_secs(60)).await?;
//! # Ok(()) }
//! ```
//!
//! **Keys.** Storage accepts ASCII letters, digits, blanks and ``_ / ! - . * ' ( ) & $ @ = ; : + , ?``
//! in a key. Every such key works in every call here, and none is decoded or changed on the way; a
//! key with any other character is refused before anything is sent, naming the character.

#![allow(clippy::manual_async_fn, reason = "the signatures say that futures are `Send` and borrow nothing")]

mod analytics;
mod bucket;
mod call;
mod catalog;
mod download;
mod info;
mod key;
mod lifecycle;
mod list;
mod list_v2;
mod objects;
mod public_url;
mod remove;
mod respond;
mod service;
mod sign;
mod transfer;
mod transform;
mod upload;
mod vectors;

pub use analytics::{Analytics, AnalyticsBucket, ListAnalyticsBuckets};
pub use bucket::{
    BucketInfo, BucketSort, CreateBucket, CreatedBucket, FileSizeLimit, ListBuckets, UpdateBucket, Versioning,
};
pub use call::Call;
pub use catalog::{Catalog, LoadedTable, NamespaceUpdate, TableName};
pub use download::{Download, DownloadIfChanged, Downloaded};
pub use info::{Exists, Info, ObjectInfo};
pub use lifecycle::{Lifecycle, LifecycleRule, NoncurrentVersionExpiration, PurgeCache, RuleStatus};
pub use list::{Entry, List, ListedFile, Order, SortBy};
pub use list_v2::{ListPage, ListV2, ListedFolder, ListedObject};
pub use objects::Bucket;
pub use public_url::GetPublicUrl;
pub use remove::{Remove, RemoveItem, RemovedObject};
pub use service::Storage;
pub use sign::{CreateSignedUploadUrl, CreateSignedUrl, CreateSignedUrls, SignedEntry, SignedUpload};
pub use transfer::{Copied, Copy, Move};
pub use transform::{Resize, Transform};
pub use upload::{Progress, RESUMABLE_ABOVE, Resumable, Upload, UploadBody, UploadState, Uploaded};
pub use vectors::{
    CreateIndex, DataType, DistanceMetric, IndexInfo, IndexPage, ListIndexes, ListVectorBuckets, ListVectors,
    QueryVectors, Vector, VectorBucket, VectorBucketInfo, VectorBucketPage, VectorIndex, VectorMatch, VectorMatches,
    VectorPage, Vectors,
};

use crate::client::Client;

impl Client {
    /// The storage service of the project.
    #[must_use]
    pub fn storage(&self) -> Storage {
        Storage::new(self.clone())
    }
}
