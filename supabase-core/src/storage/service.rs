//! The storage service: buckets, and the way to what is in them.

use futures_util::{Stream, StreamExt};
use http::Method;
use serde_json::json;

use super::analytics::Analytics;
use super::bucket::{BucketInfo, CreateBucket, ListBuckets, UpdateBucket};
use super::call::{Call, Pending, nothing};
use super::lifecycle::{Lifecycle, PurgeCache};
use super::objects::Bucket;
use super::upload::{Upload, Uploaded};
use super::vectors::Vectors;
use super::{key, respond};
use crate::client::Client;
use crate::error::Result;

/// The storage service of a project, made by [`Client::storage`].
#[derive(Debug, Clone)]
pub struct Storage {
    pub(crate) client: Client,
}

impl Storage {
    pub(crate) fn new(client: Client) -> Self {
        Self { client }
    }

    /// The same service at the host name that hosted projects have for large transfers,
    /// `<ref>.storage.supabase.co`. Projects elsewhere have one address only, and keep it.
    #[must_use]
    pub fn direct(&self) -> Self {
        let url = self.client.url();
        let host = url.split("://").nth(1).unwrap_or_default().split(['/', ':']).next().unwrap_or_default();
        let project = ["supabase.co", "supabase.in", "supabase.red"]
            .iter()
            .find_map(|domain| Some((host.strip_suffix(domain)?.strip_suffix('.')?, domain)))
            .filter(|(project, _)| !project.contains('.'));
        match project {
            Some((project, domain)) => {
                Self { client: self.client.with_url(url.replacen(host, &format!("{project}.storage.{domain}"), 1)) }
            }
            None => self.clone(),
        }
    }

    /// The objects of a bucket.
    #[must_use]
    pub fn from(&self, bucket: impl Into<String>) -> Bucket {
        Bucket::new(self.client.clone(), bucket.into())
    }

    /// Creates a bucket, private unless said otherwise.
    ///
    /// ```no_run
    /// # async fn example(supabase: supabase_core::Client) -> supabase_core::Result<()> {
    /// supabase.storage().create_bucket("avatars").public(true).file_size_limit("20MB").allowed_mime_types(["image/*"]).await?;
    /// # Ok(()) }
    /// ```
    pub fn create_bucket(&self, id: impl Into<String>) -> CreateBucket {
        CreateBucket::new(&self.client, id.into())
    }

    /// A bucket's settings.
    pub fn get_bucket(&self, id: &str) -> Call<BucketInfo> {
        Call::new(self.bucket_call(Method::GET, id, ""), respond::json)
    }

    /// All buckets, or some of them in some order.
    pub fn list_buckets(&self) -> ListBuckets {
        ListBuckets::new(&self.client)
    }

    /// Changes settings of a bucket; what is not mentioned stays.
    pub fn update_bucket(&self, id: &str) -> UpdateBucket {
        UpdateBucket::new(self.bucket_call(Method::PUT, id, ""), id)
    }

    /// Removes every object of a bucket; needs the service key. Hosted projects do it some time
    /// later: the bucket may not be empty yet when this returns.
    pub fn empty_bucket(&self, id: &str) -> Call<()> {
        Call::new(self.bucket_call(Method::POST, id, "/empty").json(&json!({})).removing(), nothing)
    }

    /// Deletes a bucket, which has to be empty.
    pub fn delete_bucket(&self, id: &str) -> Call<()> {
        Call::new(self.bucket_call(Method::DELETE, id, "").json(&json!({})), nothing)
    }

    /// The rules by which old versions of a bucket's objects go.
    pub fn get_bucket_lifecycle(&self, id: &str) -> Call<Lifecycle> {
        Call::new(self.bucket_call(Method::GET, id, "/lifecycle"), respond::json)
    }

    /// Replaces those rules.
    pub fn update_bucket_lifecycle(&self, id: &str, lifecycle: &Lifecycle) -> Call<()> {
        Call::new(self.bucket_call(Method::PUT, id, "/lifecycle").json(lifecycle), nothing)
    }

    /// Removes those rules.
    pub fn delete_bucket_lifecycle(&self, id: &str) -> Call<()> {
        Call::new(self.bucket_call(Method::DELETE, id, "/lifecycle").json(&json!({})), nothing)
    }

    /// Makes the CDN forget every object of a bucket; needs the service key.
    pub fn purge_bucket_cache(&self, id: &str) -> PurgeCache {
        let mut target = "/cdn/".to_owned();
        key::encode(&mut target, id);
        PurgeCache::new(Pending::new(&self.client, Method::DELETE, target).check(key::check_bucket(id)))
    }

    /// Vector buckets: indexes of embeddings, searched by similarity.
    ///
    /// Its requests are proven against those of the official clients only; see [`Vectors`].
    #[must_use]
    pub fn vectors(&self) -> Vectors {
        Vectors::new(self.client.clone())
    }

    /// Analytics buckets: Apache Iceberg tables.
    ///
    /// Its requests are proven against those of the official clients only; see [`Analytics`].
    #[must_use]
    pub fn analytics(&self) -> Analytics {
        Analytics::new(self.client.clone())
    }

    /// Sends uploads, up to so many at once, and gives each result as it comes, with its key.
    ///
    /// ```no_run
    /// # async fn example(supabase: supabase_core::Client) -> supabase_core::Result<()> {
    /// use futures_util::StreamExt;
    /// let bucket = supabase.storage().from("files");
    /// let uploads = ["a.bin", "b.bin"].map(|name| bucket.upload(name, std::path::Path::new(name)));
    /// let mut results = supabase.storage().upload_all(uploads, 4);
    /// while let Some((key, result)) = results.next().await {
    ///     println!("{key}: {:?}", result?.size);
    /// }
    /// # Ok(()) }
    /// ```
    pub fn upload_all<U>(
        &self,
        uploads: U,
        at_once: usize,
    ) -> impl Stream<Item = (String, Result<Uploaded>)> + Send + Unpin + use<U>
    where
        U: IntoIterator<Item = Upload>,
        U::IntoIter: Send + 'static,
    {
        Box::pin(
            futures_util::stream::iter(uploads)
                .map(|upload| {
                    let key = upload.key().to_owned();
                    let sent = upload.send();
                    async move { (key, sent.await) }
                })
                .buffer_unordered(at_once.max(1)),
        )
    }

    fn bucket_call(&self, method: Method, id: &str, rest: &str) -> Pending {
        let mut target = "/bucket/".to_owned();
        key::encode(&mut target, id);
        target.push_str(rest);
        Pending::new(&self.client, method, target).check(key::check_bucket(id))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_hosted_projects_have_a_second_host() -> Result<()> {
        let direct =
            |url: &str| Ok::<_, crate::Error>(Client::new(url, "k")?.storage().direct().client.url().to_owned());
        assert_eq!(direct("https://abcd.supabase.co")?, "https://abcd.storage.supabase.co");
        assert_eq!(direct("https://abcd.storage.supabase.co")?, "https://abcd.storage.supabase.co");
        assert_eq!(direct("http://127.0.0.1:54321")?, "http://127.0.0.1:54321");
        Ok(())
    }
}
