//! How far an upload is, and whether it still moves.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use bytes::Bytes;
use futures_util::Stream;
use tokio::sync::watch;

use crate::error::{Error, ErrorKind, Result};

/// How far an upload is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Progress {
    /// How many bytes of the body have left, those included that the server had already.
    pub sent: u64,
    /// How many there are, if that is known.
    pub total: Option<u64>,
}

/// Who wants to know.
#[derive(Default, Clone)]
pub(super) struct Listener {
    pub(super) call: Option<Arc<dyn Fn(Progress) + Send + Sync>>,
    watch: Option<Arc<watch::Sender<Progress>>>,
}

impl Listener {
    pub(super) fn stream(&mut self) -> impl Stream<Item = Progress> + Send + Unpin + use<> {
        let (sender, receiver) = watch::channel(Progress { sent: 0, total: None });
        self.watch = Some(Arc::new(sender));
        Box::pin(futures_util::stream::unfold(receiver, |mut receiver| async move {
            receiver.changed().await.ok()?;
            let progress = *receiver.borrow_and_update();
            Some((progress, receiver))
        }))
    }

    pub(super) fn tell(&self, sent: u64, total: Option<u64>) {
        let progress = Progress { sent, total };
        if let Some(call) = &self.call {
            call(progress);
        }
        if let Some(watch) = &self.watch {
            watch.send_replace(progress);
        }
    }
}

/// When bytes moved last.
#[derive(Clone)]
pub(super) struct Pulse(Arc<(Instant, AtomicU64)>);

impl Pulse {
    pub(super) fn new() -> Self {
        Self(Arc::new((Instant::now(), AtomicU64::new(0))))
    }

    pub(super) fn beat(&self) {
        let now = u64::try_from(self.0.0.elapsed().as_millis()).unwrap_or(u64::MAX);
        self.0.1.store(now, Ordering::Relaxed);
    }

    fn quiet(&self) -> Duration {
        self.0.0.elapsed().saturating_sub(Duration::from_millis(self.0.1.load(Ordering::Relaxed)))
    }

    /// Waits for the future while bytes move. A timeout of the whole request would forbid long
    /// uploads over slow connections.
    pub(super) async fn guard<T>(
        &self,
        patience: Option<Duration>,
        future: impl Future<Output = Result<T>>,
    ) -> Result<T> {
        let Some(patience) = patience else { return future.await };
        tokio::pin!(future);
        loop {
            let left = patience.saturating_sub(self.quiet());
            if left.is_zero() {
                return Err(Error::new(ErrorKind::Timeout, format!("nothing moved for {} s", patience.as_secs_f32())));
            }
            tokio::select! {
                biased;
                result = &mut future => return result,
                () = tokio::time::sleep(left) => {}
            }
        }
    }
}

/// Slices of these bytes, telling as they are taken. `before` is how many bytes of the body came
/// earlier.
pub(super) fn counted(
    bytes: Bytes,
    before: u64,
    total: Option<u64>,
    listener: Listener,
    pulse: Pulse,
) -> impl Stream<Item = std::io::Result<Bytes>> + Send + Sync + 'static {
    const SLICE: usize = 64 * 1024;
    let state = SyncState { rest: bytes, sent: before, total, listener, pulse };
    futures_util::stream::unfold(state, |mut state| {
        state.pulse.beat();
        state.listener.tell(state.sent, state.total);
        let next = (!state.rest.is_empty()).then(|| {
            let slice = state.rest.split_to(SLICE.min(state.rest.len()));
            state.sent += slice.len() as u64;
            (Ok(slice), state)
        });
        std::future::ready(next)
    })
}

struct SyncState {
    rest: Bytes,
    sent: u64,
    total: Option<u64>,
    listener: Listener,
    pulse: Pulse,
}

/// A stream that only its owner touches, so that it may be shared without being used by two.
pub(super) fn exclusive<S: Stream + Send + Unpin>(stream: S) -> impl Stream<Item = S::Item> + Send + Sync + Unpin {
    Exclusive(std::sync::Mutex::new(stream))
}

/// The mutex is never locked: `get_mut` proves that there is one user. It makes the stream `Sync`.
struct Exclusive<S>(std::sync::Mutex<S>);

impl<S: Stream + Unpin> Stream for Exclusive<S> {
    type Item = S::Item;

    fn poll_next(
        mut self: std::pin::Pin<&mut Self>,
        context: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<S::Item>> {
        let stream = self.0.get_mut().unwrap_or_else(std::sync::PoisonError::into_inner);
        std::pin::Pin::new(stream).poll_next(context)
    }
}
