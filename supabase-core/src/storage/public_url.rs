//! URLs of objects that can be read without asking, and the options that URLs have in common.

use super::call::push_query;
use super::key;
use super::objects::Bucket;
use super::transform::Transform;
use crate::error::Result;

/// What is added to the query of a URL.
#[derive(Debug, Clone, Default)]
pub(crate) struct UrlOptions {
    /// `Some("")` makes the browser save the object under its own name.
    pub(crate) download: Option<String>,
    pub(crate) transform: Option<Transform>,
    pub(crate) cache_nonce: Option<String>,
    pub(crate) version_id: Option<String>,
}

impl UrlOptions {
    pub(crate) fn write(&self, url: &mut String, with_transform: bool) {
        if let Some(name) = &self.download {
            push_query(url, "download", name);
        }
        if let Some(transform) = self.transform.as_ref().filter(|_| with_transform) {
            transform.write(url);
        }
        if let Some(nonce) = &self.cache_nonce {
            push_query(url, "cacheNonce", nonce);
        }
        if let Some(version) = &self.version_id {
            push_query(url, "versionId", version);
        }
    }
}

/// Makes the URL of an object in a public bucket; made by [`Bucket::get_public_url`].
#[derive(Debug, Clone)]
#[must_use]
pub struct GetPublicUrl {
    bucket: Bucket,
    key: String,
    options: UrlOptions,
}

impl GetPublicUrl {
    pub(crate) fn new(bucket: &Bucket, key: String) -> Self {
        Self { bucket: bucket.clone(), key, options: UrlOptions::default() }
    }

    /// Makes the browser save the object, under its own name.
    pub fn download(self) -> Self {
        self.download_as("")
    }

    /// Makes the browser save the object under this name.
    pub fn download_as(mut self, name: impl Into<String>) -> Self {
        self.options.download = Some(name.into());
        self
    }

    /// Has an image transformed.
    pub fn transform(mut self, transform: Transform) -> Self {
        self.options.transform = Some(transform);
        self
    }

    /// Passes caches by: another nonce is another URL.
    pub fn cache_nonce(mut self, nonce: impl Into<String>) -> Self {
        self.options.cache_nonce = Some(nonce.into());
        self
    }

    /// This version of the object, where the server has versions.
    pub fn version_id(mut self, version: impl Into<String>) -> Self {
        self.options.version_id = Some(version.into());
        self
    }

    /// The URL.
    ///
    /// # Errors
    /// [`Refused`](crate::ErrorKind::Refused) when the key holds a character that Storage does not accept.
    pub fn to_url(&self) -> Result<String> {
        key::check_bucket(&self.bucket.id)?;
        key::check(&self.key)?;
        let prefix = if self.options.transform.is_some() { "/render/image/public" } else { "/object/public" };
        let mut url =
            format!("{}/storage/v1{}", self.bucket.client.url(), key::object_path(prefix, &self.bucket.id, &self.key));
        self.options.write(&mut url, true);
        Ok(url)
    }
}
