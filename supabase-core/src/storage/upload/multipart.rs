//! A form around the body: fields first, since the server reads them before the file.

use std::pin::Pin;

use bytes::Bytes;
use futures_util::{Stream, StreamExt};
use uuid::Uuid;

use super::Job;
use crate::transport::Body;

pub(super) struct Form {
    boundary: String,
    before: String,
    after: String,
}

impl Form {
    pub(super) fn new(job: &Job) -> Self {
        // Random enough that no body holds it: it is as long as an id, and as unique.
        let boundary = format!("supabase-rs-{}", random_id().simple());
        let mut before = String::new();
        let mut field = |name: &str, value: &str| {
            before.push_str(&format!(
                "--{boundary}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n"
            ));
        };
        field("cacheControl", &job.options.cache_control.to_string());
        if let Some(metadata) = &job.options.metadata {
            field("metadata", metadata);
        }
        // The server wants a file name to take the part for a file. No key holds a quote.
        let name = job.key.rsplit('/').next().filter(|name| !name.is_empty()).unwrap_or("file");
        before.push_str(&format!(
            "--{boundary}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\nContent-Type: {}\r\n\r\n",
            job.content_type()
        ));
        let after = format!("\r\n--{boundary}--\r\n");
        Self { boundary, before, after }
    }

    pub(super) fn content_type(&self) -> String {
        format!("multipart/form-data; boundary={}", self.boundary)
    }

    pub(super) fn around(
        &self,
        parts: Pin<Box<dyn Stream<Item = std::io::Result<Bytes>> + Send + Sync>>,
        length: Option<u64>,
    ) -> Body {
        let edge = |text: &str| {
            let bytes = Bytes::copy_from_slice(text.as_bytes());
            futures_util::stream::once(std::future::ready(Ok(bytes)))
        };
        let stream = edge(&self.before).chain(parts).chain(edge(&self.after));
        Body::Stream {
            stream: Box::pin(stream),
            length: length.map(|length| length + (self.before.len() + self.after.len()) as u64),
        }
    }
}

/// An id from the standard library's own randomness.
fn random_id() -> Uuid {
    use std::hash::{BuildHasher, Hasher};
    let random = || std::collections::hash_map::RandomState::new().build_hasher().finish();
    Uuid::from_u64_pair(random(), random())
}
