//! Callbacks, for who prefers them to streams.

use std::fmt;
use std::pin::pin;

use futures_util::{Stream, StreamExt};
use tokio::task::JoinHandle;

/// A callback at work. Dropping it ends it.
#[must_use = "the callback ends when this is dropped"]
pub struct Listener(JoinHandle<()>);

impl fmt::Debug for Listener {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Listener").field("finished", &self.0.is_finished()).finish()
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Calls `call` with every item of a stream, on a task of its own, until the stream ends or the
/// listener is dropped. Has to be called on a tokio runtime.
///
/// ```no_run
/// # async fn example(room: supabase_core::realtime::Channel) {
/// let listener = supabase_core::realtime::each(room.on_broadcast("chat"), |message| println!("{message:?}"));
/// # drop(listener);
/// # }
/// ```
pub fn each<S>(stream: S, mut call: impl FnMut(S::Item) + Send + 'static) -> Listener
where
    S: Stream + Send + 'static,
    S::Item: Send,
{
    Listener(tokio::spawn(async move {
        let mut stream = pin!(stream);
        while let Some(item) = stream.next().await {
            call(item);
        }
    }))
}
