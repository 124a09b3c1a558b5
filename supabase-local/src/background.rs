//! The runtime that everything of a stack lives on.
//!
//! Each `#[tokio::test]` has a runtime of its own that ends with the test. A stack that is shared by several tests
//! must not end with the first of them, so its gateway, connections and timers run on one runtime that belongs to
//! the process; callers only wait for answers, on whatever runtime they have.

use std::future::Future;
use std::sync::OnceLock;

use tokio::runtime::{Builder, Runtime};

use crate::error::{Error, Result};

pub(crate) fn runtime() -> Result<&'static Runtime> {
    static RUNTIME: OnceLock<Runtime> = OnceLock::new();
    if let Some(runtime) = RUNTIME.get() {
        return Ok(runtime);
    }
    let made = Builder::new_multi_thread()
        .worker_threads(2)
        .thread_name("supabase-local")
        .enable_all()
        .build()
        .map_err(|source| Error::System { action: "start the threads of the local stack", source })?;
    // Two threads may come here at once: the loser's runtime is dropped, unused.
    if let Err(unused) = RUNTIME.set(made) {
        unused.shutdown_background();
    }
    RUNTIME.get().ok_or(Error::Stopped("the runtime of the local stack"))
}

/// Runs a future on the background runtime and waits for it.
///
/// The future goes on when the caller gives up, so that nothing is left half-done: its result is then dropped, which
/// cleans up.
pub(crate) async fn run<T: Send + 'static>(future: impl Future<Output = Result<T>> + Send + 'static) -> Result<T> {
    match runtime()?.spawn(future).await {
        Ok(result) => result,
        Err(failed) => match failed.try_into_panic() {
            Ok(panic) => std::panic::resume_unwind(panic),
            Err(_) => Err(Error::Stopped("the runtime of the local stack")),
        },
    }
}

/// The same for work that blocks (processes, folders).
pub(crate) async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T> + Send + 'static) -> Result<T> {
    match runtime()?.spawn_blocking(work).await {
        Ok(result) => result,
        Err(failed) => match failed.try_into_panic() {
            Ok(panic) => std::panic::resume_unwind(panic),
            Err(_) => Err(Error::Stopped("the runtime of the local stack")),
        },
    }
}
