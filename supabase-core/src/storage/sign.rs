//! URLs that carry a right of their own: to read objects, to upload one.
//!
//! The server's answer holds a path that is not encoded; the URL is built here from the key, with the
//! token of the answer, so that it is exact whatever the key holds.

use std::time::Duration;

use http::{HeaderValue, Method};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::call::{Pending, storage_call};
use super::objects::Bucket;
use super::public_url::UrlOptions;
use super::transform::Transform;
use super::{key, respond};
use crate::client::RequestOptions;
use crate::error::{Error, ErrorKind, Result};

/// How many keys the server signs in one request.
const BATCH: usize = 1000;

/// The token at the end of a signed path. The key before it may hold anything but `%`.
fn token_of(signed: &str) -> Result<&str> {
    signed
        .rfind("?token=")
        .map(|at| signed[at + "?token=".len()..].split('&').next().unwrap_or_default())
        .filter(|token| !token.is_empty())
        .ok_or_else(|| Error::new(ErrorKind::Decode, "the storage service signed a URL without a token"))
}

fn signed_url(bucket: &Bucket, key: &str, signed: &str, options: &UrlOptions) -> Result<String> {
    let token = token_of(signed)?;
    let prefix =
        if signed.trim_start_matches('/').starts_with("render/") { "/render/image/sign" } else { "/object/sign" };
    // A token is base64url and dots: nothing in it wants encoding.
    let mut url =
        format!("{}/storage/v1{}?token={token}", bucket.client.url(), key::object_path(prefix, &bucket.id, key));
    // The transformation is inside the token.
    options.write(&mut url, false);
    Ok(url)
}

/// Whole seconds, at least one, as the server takes them.
fn seconds(expires_in: Duration) -> u64 {
    (expires_in.as_secs() + u64::from(expires_in.subsec_nanos() > 0)).max(1)
}

macro_rules! url_options {
    ($ty:ident) => {
        impl $ty {
            /// Makes the browser save the object, under its own name.
            pub fn download(self) -> Self {
                self.download_as("")
            }

            /// Makes the browser save the object under this name.
            pub fn download_as(mut self, name: impl Into<String>) -> Self {
                self.options.download = Some(name.into());
                self
            }

            /// Passes caches by: another nonce is another URL.
            pub fn cache_nonce(mut self, nonce: impl Into<String>) -> Self {
                self.options.cache_nonce = Some(nonce.into());
                self
            }
        }
    };
}

/// Signs a URL; made by [`Bucket::create_signed_url`]. Gives the whole URL.
#[must_use = "nothing is sent before the call is awaited"]
pub struct CreateSignedUrl {
    pending: Pending,
    bucket: Bucket,
    key: String,
    expires_in: u64,
    options: UrlOptions,
}

url_options!(CreateSignedUrl);

#[derive(Deserialize)]
struct Signed {
    #[serde(rename = "signedURL", alias = "signedUrl")]
    url: String,
}

impl CreateSignedUrl {
    pub(crate) fn new(bucket: &Bucket, key: String, expires_in: Duration) -> Self {
        let mut pending = bucket.object_call(Method::POST, "/object/sign", &key);
        pending.idempotent = true;
        Self { pending, bucket: bucket.clone(), key, expires_in: seconds(expires_in), options: UrlOptions::default() }
    }

    /// Has an image transformed.
    pub fn transform(mut self, transform: Transform) -> Self {
        self.options.transform = Some(transform);
        self
    }

    /// This version of the object, where the server has versions.
    pub fn version_id(mut self, version: impl Into<String>) -> Self {
        self.options.version_id = Some(version.into());
        self
    }

    fn finish(self) -> impl Future<Output = Result<String>> + Send + 'static {
        async move {
            let Self { mut pending, bucket, key, expires_in, options } = self;
            if let Some(refusal) = pending.refusal.take() {
                return Err(refusal);
            }
            if key::needs_batch_signing(&key) {
                if options.transform.is_some() || options.version_id.is_some() {
                    return Err(Error::new(
                        ErrorKind::Refused,
                        format!(
                            "the key `{key}` cannot be signed with a transformation or version: the server signs `?`, `.` and `..` only in batches, which have neither"
                        ),
                    ));
                }
                let entries =
                    sign_batch(&bucket, std::slice::from_ref(&key), expires_in, &options, &pending.options).await?;
                let entry = entries.into_iter().next();
                return match entry {
                    Some(SignedEntry { url: Some(url), .. }) => Ok(url),
                    other => Err(Error::new(
                        ErrorKind::NotFound,
                        other
                            .and_then(|entry| entry.error)
                            .unwrap_or_else(|| "the storage service signed nothing".into()),
                    )),
                };
            }
            let mut body = Map::new();
            body.insert("expiresIn".into(), expires_in.into());
            if let Some(transform) = &options.transform {
                body.insert("transform".into(), transform.to_json());
            }
            if let Some(version) = &options.version_id {
                body.insert("versionId".into(), version.clone().into());
            }
            let (_, answer) = pending.json(&Value::Object(body)).send().await?;
            signed_url(&bucket, &key, &respond::json::<Signed>(&answer)?.url, &options)
        }
    }
}

/// One of several signed URLs.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct SignedEntry {
    /// The key that was asked for.
    pub key: String,
    /// The URL, if the object exists and the client may read it.
    pub url: Option<String>,
    /// Why there is none.
    pub error: Option<String>,
}

impl std::fmt::Debug for SignedEntry {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // The token is in the query.
        let path = self.url.as_deref().and_then(|url| url.split('?').next());
        out.debug_struct("SignedEntry").field("key", &self.key).field("url", &path).field("error", &self.error).finish()
    }
}

/// Signs URLs of many objects; made by [`Bucket::create_signed_urls`]. The answer is in the order of
/// the keys; a missing object is an entry without URL.
#[must_use = "nothing is sent before the call is awaited"]
pub struct CreateSignedUrls {
    pending: Pending,
    bucket: Bucket,
    keys: Vec<String>,
    expires_in: u64,
    options: UrlOptions,
}

url_options!(CreateSignedUrls);

#[derive(Deserialize)]
struct SignedPath {
    error: Option<String>,
    #[serde(rename = "signedURL", alias = "signedUrl")]
    url: Option<String>,
}

impl CreateSignedUrls {
    pub(crate) fn new(bucket: &Bucket, keys: Vec<String>, expires_in: Duration) -> Self {
        let mut pending = bucket.bucket_call(Method::POST, "/object/sign");
        for key in &keys {
            pending.refuse(key::check(key));
        }
        Self { pending, bucket: bucket.clone(), keys, expires_in: seconds(expires_in), options: UrlOptions::default() }
    }

    fn finish(self) -> impl Future<Output = Result<Vec<SignedEntry>>> + Send + 'static {
        async move {
            if let Some(refusal) = self.pending.refusal {
                return Err(refusal);
            }
            let mut entries = Vec::with_capacity(self.keys.len());
            for batch in self.keys.chunks(BATCH) {
                entries.extend(
                    sign_batch(&self.bucket, batch, self.expires_in, &self.options, &self.pending.options).await?,
                );
            }
            Ok(entries)
        }
    }
}

async fn sign_batch(
    bucket: &Bucket,
    keys: &[String],
    expires_in: u64,
    options: &UrlOptions,
    request: &RequestOptions,
) -> Result<Vec<SignedEntry>> {
    let mut pending =
        bucket.bucket_call(Method::POST, "/object/sign").json(&json!({ "expiresIn": expires_in, "paths": keys }));
    pending.idempotent = true;
    pending.options = request.clone();
    let (_, answer) = pending.send().await?;
    let signed: Vec<SignedPath> = respond::json(&answer)?;
    if signed.len() != keys.len() {
        return Err(Error::new(
            ErrorKind::Decode,
            format!("the storage service answered {} URLs for {} keys", signed.len(), keys.len()),
        ));
    }
    keys.iter()
        .zip(signed)
        .map(|(key, entry)| {
            let url = entry.url.map(|signed| signed_url(bucket, key, &signed, options)).transpose()?;
            Ok(SignedEntry { key: key.clone(), url, error: entry.error })
        })
        .collect()
}

/// A signed upload: hand URL and token to whoever is to upload.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct SignedUpload {
    /// The whole URL, for a `PUT` by anybody.
    pub url: String,
    /// The token in it, for [`Bucket::upload_to_signed_url`].
    pub token: String,
    /// The key of the object.
    pub key: String,
}

impl std::fmt::Debug for SignedUpload {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("SignedUpload").field("key", &self.key).finish_non_exhaustive()
    }
}

/// Signs an upload; made by [`Bucket::create_signed_upload_url`].
#[must_use = "nothing is sent before the call is awaited"]
pub struct CreateSignedUploadUrl {
    pending: Pending,
    bucket: Bucket,
    key: String,
}

#[derive(Deserialize)]
struct SignedUploadPath {
    url: String,
}

impl CreateSignedUploadUrl {
    pub(crate) fn new(bucket: &Bucket, key: String) -> Self {
        let mut pending = bucket.object_call(Method::POST, "/object/upload/sign", &key).json(&json!({}));
        pending.idempotent = true;
        Self { pending, bucket: bucket.clone(), key }
    }

    /// Whether the upload may replace an object.
    pub fn upsert(mut self, upsert: bool) -> Self {
        if upsert {
            self.pending.headers.insert("x-upsert", const { HeaderValue::from_static("true") });
        } else {
            self.pending.headers.remove("x-upsert");
        }
        self
    }

    fn finish(self) -> impl Future<Output = Result<SignedUpload>> + Send + 'static {
        async move {
            let (_, answer) = self.pending.send().await?;
            let signed: SignedUploadPath = respond::json(&answer)?;
            let token = token_of(&signed.url)?.to_owned();
            let path = key::object_path("/object/upload/sign", &self.bucket.id, &self.key);
            Ok(SignedUpload {
                url: format!("{}/storage/v1{path}?token={token}", self.bucket.client.url()),
                token,
                key: self.key,
            })
        }
    }
}

storage_call! {
    CreateSignedUrl => String;
    CreateSignedUrls => Vec<SignedEntry>;
    CreateSignedUploadUrl => SignedUpload;
}
