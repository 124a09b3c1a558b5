//! A store that lasts as long as the process.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::{SessionStore, StoreError};
use crate::transport::BoxFuture;

/// Keeps everything in memory; clones share it. This is the store of a client that is given none.
#[derive(Clone, Default)]
pub struct MemoryStore(Arc<Mutex<HashMap<String, String>>>);

impl std::fmt::Debug for MemoryStore {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("MemoryStore(…)")
    }
}

impl MemoryStore {
    /// An empty store.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    fn with<T>(&self, act: impl FnOnce(&mut HashMap<String, String>) -> T) -> T {
        act(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl SessionStore for MemoryStore {
    fn load<'a>(&'a self, key: &'a str) -> BoxFuture<'a, Result<Option<String>, StoreError>> {
        Box::pin(async move { Ok(self.with(|all| all.get(key).cloned())) })
    }

    fn save<'a>(&'a self, key: &'a str, text: &'a str) -> BoxFuture<'a, Result<(), StoreError>> {
        Box::pin(async move {
            self.with(|all| all.insert(key.to_owned(), text.to_owned()));
            Ok(())
        })
    }

    fn remove<'a>(&'a self, key: &'a str) -> BoxFuture<'a, Result<(), StoreError>> {
        Box::pin(async move {
            self.with(|all| all.remove(key));
            Ok(())
        })
    }
}
