//! The objects of one bucket: every call on them starts here.

use std::time::Duration;

use http::Method;

use super::call::{Call, Pending, nothing};
use super::download::Download;
use super::info::{Exists, Info};
use super::key;
use super::lifecycle::PurgeCache;
use super::list::List;
use super::list_v2::ListV2;
use super::public_url::GetPublicUrl;
use super::remove::{Remove, RemoveItem};
use super::sign::{CreateSignedUploadUrl, CreateSignedUrl, CreateSignedUrls};
use super::transfer::{Copy, Move};
use super::upload::{Upload, UploadBody, UploadState};
use crate::client::Client;

/// The objects of one bucket; made by [`Storage::from`](super::Storage::from).
#[derive(Debug, Clone)]
pub struct Bucket {
    pub(crate) client: Client,
    pub(crate) id: String,
}

impl Bucket {
    pub(crate) fn new(client: Client, id: String) -> Self {
        Self { client, id }
    }

    /// The id of the bucket.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Stores a new object. An object of that key is a [`Conflict`](crate::ErrorKind::Conflict), unless
    /// [`upsert`](Upload::upsert) says to replace it.
    ///
    /// The body is bytes, text, a `Path`, a reader or a stream; see [`UploadBody`].
    ///
    /// ```no_run
    /// # async fn example(supabase: supabase_core::Client) -> supabase_core::Result<()> {
    /// let uploaded = supabase.storage().from("avatars")
    ///     .upload("public/a.txt", "hello")
    ///     .cache_control(60)
    ///     .metadata(&serde_json::json!({ "from": "docs" }))
    ///     .on_progress(|progress| println!("{} of {:?}", progress.sent, progress.total))
    ///     .await?;
    /// # Ok(()) }
    /// ```
    pub fn upload(&self, key: impl Into<String>, body: impl Into<UploadBody>) -> Upload {
        Upload::new(self, Method::POST, key.into(), body.into())
    }

    /// Stores an object in the place of the one of that key, or a new one.
    pub fn update(&self, key: impl Into<String>, body: impl Into<UploadBody>) -> Upload {
        Upload::new(self, Method::PUT, key.into(), body.into())
    }

    /// Stores an object with the token of a signed upload URL; the client's own rights do not matter.
    pub fn upload_to_signed_url(
        &self,
        key: impl Into<String>,
        token: impl Into<String>,
        body: impl Into<UploadBody>,
    ) -> Upload {
        Upload::new(self, Method::PUT, key.into(), body.into()).signed(token.into())
    }

    /// Goes on with an upload whose state was kept ([`Upload::on_state`]), also in another process.
    /// The body is the same from its start; what the server has already is read, and compared, but
    /// not sent.
    pub fn resume_upload(&self, state: UploadState, body: impl Into<UploadBody>) -> Upload {
        Upload::resume(self, state, body.into())
    }

    /// The same for an upload by the token of a signed upload URL. The state does not hold the token.
    pub fn resume_signed_upload(
        &self,
        state: UploadState,
        token: impl Into<String>,
        body: impl Into<UploadBody>,
    ) -> Upload {
        Upload::resume(self, state, body.into()).signed(token.into())
    }

    /// Gives an unfinished resumable upload up; the server forgets what it has of it.
    pub fn abort_upload(&self, state: &UploadState) -> Call<()> {
        Call::new(state.abort(self, None), nothing)
    }

    /// The same for an upload by the token of a signed upload URL.
    pub fn abort_signed_upload(&self, state: &UploadState, token: &str) -> Call<()> {
        Call::new(state.abort(self, Some(token)), nothing)
    }

    /// Reads an object: as bytes, as a stream, or into a file.
    pub fn download(&self, key: impl Into<String>) -> Download {
        Download::new(self, key.into())
    }

    /// What a folder holds. `""` is the top of the bucket.
    pub fn list(&self, folder: impl Into<String>) -> List {
        List::new(self, folder.into())
    }

    /// Objects by prefix of their whole key, in pages with a cursor, or as one stream.
    pub fn list_v2(&self) -> ListV2 {
        ListV2::new(self)
    }

    /// What is known about an object.
    pub fn info(&self, key: impl Into<String>) -> Info {
        Info::new(self, &key.into())
    }

    /// Whether there is an object of that key that the client may see.
    ///
    /// A bucket that is missing or hidden is an error of kind
    /// [`NotFound`](crate::ErrorKind::NotFound), not `false`.
    pub fn exists(&self, key: impl Into<String>) -> Exists {
        Exists::new(self.info(key))
    }

    /// Gives an object another key, and perhaps another bucket.
    pub fn move_to(&self, from: impl Into<String>, to: impl Into<String>) -> Move {
        Move::new(self, from.into(), to.into())
    }

    /// Copies an object, perhaps into another bucket.
    pub fn copy(&self, from: impl Into<String>, to: impl Into<String>) -> Copy {
        Copy::new(self, from.into(), to.into())
    }

    /// Removes objects and gives those that were there. Any number of keys; they travel in batches.
    pub fn remove(&self, keys: impl IntoIterator<Item = impl Into<RemoveItem>>) -> Remove {
        Remove::new(self, keys.into_iter().map(Into::into).collect())
    }

    /// A URL that reads this object for so long, without a key.
    pub fn create_signed_url(&self, key: impl Into<String>, expires_in: Duration) -> CreateSignedUrl {
        CreateSignedUrl::new(self, key.into(), expires_in)
    }

    /// The same for many objects. Any number of keys; they travel in batches.
    pub fn create_signed_urls(
        &self,
        keys: impl IntoIterator<Item = impl Into<String>>,
        expires_in: Duration,
    ) -> CreateSignedUrls {
        CreateSignedUrls::new(self, keys.into_iter().map(Into::into).collect(), expires_in)
    }

    /// A URL and token with which anybody can upload this object, for two hours on hosted projects.
    pub fn create_signed_upload_url(&self, key: impl Into<String>) -> CreateSignedUploadUrl {
        CreateSignedUploadUrl::new(self, key.into())
    }

    /// The URL of an object in a public bucket. Nothing is asked: neither that the bucket is public,
    /// nor that the object exists.
    pub fn get_public_url(&self, key: impl Into<String>) -> GetPublicUrl {
        GetPublicUrl::new(self, key.into())
    }

    /// Makes the CDN forget an object; needs the service key.
    pub fn purge_cache(&self, key: &str) -> PurgeCache {
        PurgeCache::new(self.object_call(Method::DELETE, "/cdn", key))
    }

    /// A call whose path names an object of this bucket.
    pub(crate) fn object_call(&self, method: Method, prefix: &str, key: &str) -> Pending {
        Pending::new(&self.client, method, key::object_path(prefix, &self.id, key))
            .check(key::check_bucket(&self.id))
            .check(key::check(key))
    }

    /// A call whose path names this bucket.
    pub(crate) fn bucket_call(&self, method: Method, prefix: &str) -> Pending {
        let mut target = prefix.to_owned();
        target.push('/');
        key::encode(&mut target, &self.id);
        Pending::new(&self.client, method, target).check(key::check_bucket(&self.id))
    }
}
