//! How a client keeps, refreshes and begins sessions.

use std::sync::Arc;
use std::time::SystemTime;

use super::store::{MemoryStore, SessionStore};

/// How a redirect brings the session back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum AuthFlow {
    /// As a code that only this client can exchange. The default, as in supabase-py.
    #[default]
    Pkce,
    /// As tokens in the fragment of the URL, as in supabase-js: readable by whatever sees the URL.
    Implicit,
}

pub(super) type Clock = Arc<dyn Fn() -> SystemTime + Send + Sync>;

/// Settings for [`ClientBuilder::auth`](crate::ClientBuilder::auth).
#[derive(Clone)]
#[must_use = "settings do nothing until they are given to a client"]
pub struct AuthConfig {
    pub(super) store: Arc<dyn SessionStore>,
    pub(super) key: Option<String>,
    pub(super) auto_refresh: bool,
    pub(super) flow: AuthFlow,
    pub(super) clock: Clock,
}

impl std::fmt::Debug for AuthConfig {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("AuthConfig")
            .field("auto_refresh", &self.auto_refresh)
            .field("flow", &self.flow)
            .finish_non_exhaustive()
    }
}

impl Default for AuthConfig {
    fn default() -> Self {
        Self {
            store: Arc::new(MemoryStore::new()),
            key: None,
            auto_refresh: true,
            flow: AuthFlow::default(),
            clock: Arc::new(SystemTime::now),
        }
    }
}

impl AuthConfig {
    /// In memory, refreshed by itself, with PKCE.
    pub fn new() -> Self {
        Self::default()
    }

    /// Where sessions are kept between two runs. In memory unless set.
    pub fn store(mut self, store: impl SessionStore) -> Self {
        self.store = Arc::new(store);
        self
    }

    /// The name of the session in the store: `sb-<project>-auth-token` unless set. Two clients that
    /// share a store and a name share the session.
    pub fn storage_key(mut self, key: impl Into<String>) -> Self {
        self.key = Some(key.into());
        self
    }

    /// Whether the token is refreshed in the background before it ends. It is, unless switched off;
    /// a request refreshes a token that is due in either case.
    pub fn auto_refresh(mut self, on: bool) -> Self {
        self.auto_refresh = on;
        self
    }

    /// How redirects bring the session back.
    pub fn flow(mut self, flow: AuthFlow) -> Self {
        self.flow = flow;
        self
    }

    /// Replaces the clock, for tests.
    pub fn clock(mut self, now: impl Fn() -> SystemTime + Send + Sync + 'static) -> Self {
        self.clock = Arc::new(now);
        self
    }
}
