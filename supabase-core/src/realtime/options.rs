//! How realtime behaves.

use std::fmt;
use std::future::Future;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use super::connector::{Connector, WebSocket};
use super::protocol::Version;
use super::status::{RealtimeEvent, Severity};
use crate::error::{Error, ErrorKind, Result};
use crate::transport::BoxFuture;

/// What to do when a subscriber reads more slowly than the server sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum Overflow {
    /// The oldest items are dropped, counted, and reported in their place: memory stays bounded and
    /// nobody else waits.
    #[default]
    DropOldest,
    /// The socket is not read until there is room, so that the server has to wait, and with it every
    /// other subscriber. Heartbeats go on. While the server's answers may lie unread, nothing counts as unanswered,
    /// except that a reply to something said is waited for no longer than it may take when nobody reads at all.
    /// Nothing is dropped.
    Block,
    /// The stream ends with an error.
    Error,
}

pub(crate) type Backoff = Arc<dyn Fn(u32) -> Duration + Send + Sync>;
pub(crate) type Logger = Arc<dyn Fn(&RealtimeEvent) + Send + Sync>;
pub(crate) type Clock = Arc<dyn Fn() -> SystemTime + Send + Sync>;
pub(crate) type GiveToken = Arc<dyn Fn() -> BoxFuture<'static, Result<Option<String>>> + Send + Sync>;

/// Settings of realtime, for [`ClientBuilder::realtime`](crate::ClientBuilder::realtime).
///
/// ```
/// use std::time::Duration;
/// use supabase_core::realtime::{RealtimeOptions, Version};
/// let options = RealtimeOptions::new().version(Version::V1).heartbeat(Duration::from_secs(15), Duration::from_secs(5));
/// # let _ = options;
/// ```
#[derive(Clone)]
#[must_use = "options do nothing until a client is built with them"]
pub struct RealtimeOptions {
    pub(crate) version: Version,
    pub(crate) heartbeat: Duration,
    pub(crate) heartbeat_deadline: Duration,
    pub(crate) connect_deadline: Duration,
    pub(crate) join_deadline: Duration,
    pub(crate) reply_deadline: Duration,
    pub(crate) changes_deadline: Duration,
    pub(crate) idle: Option<Duration>,
    pub(crate) backoff: Backoff,
    pub(crate) buffer: usize,
    pub(crate) overflow: Overflow,
    pub(crate) connector: Arc<dyn Connector>,
    pub(crate) clock: Clock,
    pub(crate) access_token: Option<GiveToken>,
    pub(crate) logger: Option<Logger>,
    pub(crate) parameters: Vec<(String, String)>,
}

impl fmt::Debug for RealtimeOptions {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("RealtimeOptions")
            .field("version", &self.version)
            .field("heartbeat", &self.heartbeat)
            .field("buffer", &self.buffer)
            .field("overflow", &self.overflow)
            .finish_non_exhaustive()
    }
}

impl Default for RealtimeOptions {
    fn default() -> Self {
        Self {
            version: Version::V2,
            // What the official clients do; the server drops a silent client after 60 seconds.
            heartbeat: Duration::from_secs(25),
            heartbeat_deadline: Duration::from_secs(10),
            connect_deadline: Duration::from_secs(10),
            join_deadline: Duration::from_secs(10),
            reply_deadline: Duration::from_secs(10),
            changes_deadline: Duration::from_secs(25),
            // Two heartbeats, as in supabase-js.
            idle: Some(Duration::from_secs(50)),
            backoff: Arc::new(full_jitter),
            buffer: 1024,
            overflow: Overflow::DropOldest,
            connector: Arc::new(WebSocket),
            clock: Arc::new(SystemTime::now),
            access_token: None,
            logger: None,
            parameters: Vec::new(),
        }
    }
}

/// Between nothing and `1 s · 2^(attempt-1)`, 30 seconds at most.
fn full_jitter(attempt: u32) -> Duration {
    let bound =
        Duration::from_secs(1).saturating_mul(1 << attempt.saturating_sub(1).min(5)).min(Duration::from_secs(30));
    bound.mul_f64(crate::transport::jitter())
}

impl RealtimeOptions {
    /// The defaults.
    pub fn new() -> Self {
        Self::default()
    }

    /// The version of the protocol: 2.0.0 unless set.
    pub fn version(self, version: Version) -> Self {
        Self { version, ..self }
    }

    /// How often the server is asked whether it is there, and how long its answer may take before
    /// the socket counts as dead: 25 and 10 seconds unless set.
    pub fn heartbeat(self, interval: Duration, deadline: Duration) -> Self {
        Self { heartbeat: interval, heartbeat_deadline: deadline, ..self }
    }

    /// How long opening the socket may take: 10 seconds unless set.
    pub fn connect_deadline(self, deadline: Duration) -> Self {
        Self { connect_deadline: deadline, ..self }
    }

    /// How long the server may take to answer a join: 10 seconds unless set.
    pub fn join_deadline(self, deadline: Duration) -> Self {
        Self { join_deadline: deadline, ..self }
    }

    /// How long the server may take to answer anything else: 10 seconds unless set.
    pub fn reply_deadline(self, deadline: Duration) -> Self {
        Self { reply_deadline: deadline, ..self }
    }

    /// How long the server may take, after a join, to confirm that it sends row changes: 25 seconds
    /// unless set.
    pub fn changes_deadline(self, deadline: Duration) -> Self {
        Self { changes_deadline: deadline, ..self }
    }

    /// How long the socket stays open without a channel: 50 seconds unless set. `None`: for ever.
    pub fn idle_disconnect(self, after: impl Into<Option<Duration>>) -> Self {
        Self { idle: after.into(), ..self }
    }

    /// How long to wait before attempt number `attempt` (from 1) at opening the socket, or at
    /// joining a channel again. Full jitter below 1, 2, 4, … 30 seconds unless set.
    pub fn backoff(self, wait: impl Fn(u32) -> Duration + Send + Sync + 'static) -> Self {
        Self { backoff: Arc::new(wait), ..self }
    }

    /// How many items are kept for a subscriber that does not read, and what happens to the next
    /// one: 1024, and the oldest is dropped, unless set.
    pub fn buffer(self, items: usize, overflow: Overflow) -> Self {
        Self { buffer: items.max(1), overflow, ..self }
    }

    /// Another way to open sockets.
    pub fn connector(self, connector: impl Connector) -> Self {
        Self { connector: Arc::new(connector), ..self }
    }

    /// Another clock: what says when a token expires, and what the times of a gap are read from.
    pub fn clock(self, now: impl Fn() -> SystemTime + Send + Sync + 'static) -> Self {
        Self { clock: Arc::new(now), ..self }
    }

    /// Another source of access tokens than the client's session: asked when the socket is opened,
    /// before a channel joins, with each heartbeat, and before a token expires. `None` means the
    /// project's key.
    pub fn access_token<F, Fut, E>(self, give: F) -> Self
    where
        F: Fn() -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Result<Option<String>, E>> + Send + 'static,
        E: std::error::Error + Send + Sync + 'static,
    {
        let give: GiveToken = Arc::new(move || {
            let asked = give();
            Box::pin(async move {
                asked.await.map_err(|error| {
                    Error::new(ErrorKind::Unauthenticated, "the access token function of realtime failed")
                        .with_source(error)
                })
            })
        });
        Self { access_token: Some(give), ..self }
    }

    /// Tells a function of this program what happens to the socket and its channels, if it matters at least so
    /// much. It is called on the task that owns the socket, so it should only write down what it is told.
    ///
    /// Without it the same goes to `tracing` alone, with the target `supabase::realtime`. What the server itself logs
    /// is set by `.parameter("log_level", "info")`.
    ///
    /// ```
    /// use supabase_core::realtime::{RealtimeOptions, Severity};
    /// let options = RealtimeOptions::new().logger(Severity::Warning, |event| eprintln!("realtime: {event}"));
    /// # let _ = options;
    /// ```
    pub fn logger(self, least: Severity, log: impl Fn(&RealtimeEvent) + Send + Sync + 'static) -> Self {
        let logger: Logger = Arc::new(move |event| {
            if event.severity() >= least {
                log(event);
            }
        });
        Self { logger: Some(logger), ..self }
    }

    /// A parameter of the socket's URL, such as `log_level`.
    pub fn parameter(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.parameters.push((name.into(), value.into()));
        self
    }
}
