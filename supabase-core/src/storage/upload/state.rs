//! What has to be kept to go on with an upload later.

use http::{HeaderValue, Method};
use serde::{Deserialize, Serialize};

use super::super::call::Pending;
use super::super::objects::Bucket;
use crate::error::{Error, ErrorKind};

/// The state of a resumable upload, for [`Bucket::resume_upload`] and [`Bucket::abort_upload`]. It can be
/// written to a file (serde); it holds no key and no token.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct UploadState {
    /// The bucket.
    pub bucket: String,
    /// The key.
    pub key: String,
    /// The URL of the upload at the server.
    pub url: String,
    /// How many bytes there are, if that is known.
    pub length: Option<u64>,
    /// How many the server has.
    pub offset: u64,
    /// SHA-256 of those bytes: going on with another body is refused.
    pub sha256: String,
    /// Whether the upload replaces an object.
    pub upsert: bool,
    /// Whether its right is the token of a signed upload URL, which is not kept here: it goes on with
    /// [`Bucket::resume_signed_upload`] and is given up with [`Bucket::abort_signed_upload`].
    #[serde(default)]
    pub signed: bool,
}

impl UploadState {
    /// The path of the upload. Only its last segment comes from the server: behind a proxy the rest of
    /// the URL may name a host that the client cannot reach, and tokens go to the project only.
    pub(super) fn target(url: &str, signed: bool) -> String {
        let path = url.split(['?', '#']).next().unwrap_or_default().trim_end_matches('/');
        let id = path.rsplit('/').next().unwrap_or_default();
        format!("/upload/resumable/{}{id}", if signed { "sign/" } else { "" })
    }

    /// The server knows the upload below another path, and does not take the client's own right for it.
    pub(super) fn wants_token(&self, method: &str) -> Error {
        let why = format!(
            "the upload of `{}` is by the token of a signed upload URL, which its state does not hold: call `{method}` with it",
            self.key
        );
        Error::new(ErrorKind::Refused, why)
    }

    pub(crate) fn abort(&self, bucket: &Bucket, signature: Option<&str>) -> Pending {
        let mut pending = Pending::new(&bucket.client, Method::DELETE, Self::target(&self.url, signature.is_some()));
        pending.headers.insert("tus-resumable", const { HeaderValue::from_static("1.0.0") });
        if self.upsert {
            pending.headers.insert("x-upsert", const { HeaderValue::from_static("true") });
        }
        if self.signed && signature.is_none() {
            pending.refuse::<()>(Err(self.wants_token("abort_signed_upload")));
        }
        if let Some(token) = signature {
            match HeaderValue::try_from(token) {
                Ok(mut token) => {
                    token.set_sensitive(true);
                    pending.headers.insert("x-signature", token);
                }
                Err(_) => pending.refuse::<()>(Err(Error::new(
                    ErrorKind::Refused,
                    "the token of the signed upload holds characters that headers cannot",
                ))),
            }
        }
        pending
    }
}
