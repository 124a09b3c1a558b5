//! The trace of which a request is a part (W3C Trace Context and Baggage).

use std::fmt;
use std::sync::Arc;

use http::HeaderMap;

/// The headers of a trace; nothing else of what an application's propagator writes is sent.
const HEADERS: [&str; 3] = ["traceparent", "tracestate", "baggage"];

/// An application's propagator.
#[derive(Clone)]
pub(crate) struct TracePropagation(Arc<dyn Fn(&mut HeaderMap) + Send + Sync>);

impl TracePropagation {
    pub(crate) fn new(write: impl Fn(&mut HeaderMap) + Send + Sync + 'static) -> Self {
        Self(Arc::new(write))
    }

    /// Adds the current trace. A header of the same name that the caller set stays.
    pub(crate) fn add_to(&self, headers: &mut HeaderMap) {
        let mut written = HeaderMap::new();
        (self.0)(&mut written);
        for name in HEADERS {
            if let Some(value) = written.remove(name) {
                headers.entry(name).or_insert(value);
            }
        }
    }
}

impl fmt::Debug for TracePropagation {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("TracePropagation")
    }
}
