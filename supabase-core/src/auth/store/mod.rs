//! Where sessions are kept between two runs of a program.

mod conformance;
mod file;
mod memory;

pub use conformance::check_session_store;
pub use file::FileStore;
pub use memory::MemoryStore;

use std::any::Any;

use crate::transport::BoxFuture;

/// Why a store could not do what it was asked.
pub type StoreError = Box<dyn std::error::Error + Send + Sync>;

/// What a store holds for as long as one process refreshes. Dropping it lets the next one in.
pub type StoreGuard = Box<dyn Any + Send>;

/// Keeps small texts by name: sessions and PKCE verifiers. They are secrets.
///
/// A store must give back exactly what was saved last, whole or not at all, whatever interrupts a
/// save; [`check_session_store`] tests that for any implementation.
pub trait SessionStore: Send + Sync + 'static {
    /// The text of this name, or `None`.
    fn load<'a>(&'a self, key: &'a str) -> BoxFuture<'a, Result<Option<String>, StoreError>>;

    /// Replaces the text of this name.
    fn save<'a>(&'a self, key: &'a str, text: &'a str) -> BoxFuture<'a, Result<(), StoreError>>;

    /// Forgets the text of this name. One that is not there is no error.
    fn remove<'a>(&'a self, key: &'a str) -> BoxFuture<'a, Result<(), StoreError>>;

    /// Keeps other processes that share this store from refreshing at the same time. `None`, which
    /// is what a store gives unless it says otherwise, means that nobody shares it.
    fn lock<'a>(&'a self, key: &'a str) -> BoxFuture<'a, Result<Option<StoreGuard>, StoreError>> {
        let _ = key;
        Box::pin(async { Ok(None) })
    }
}
