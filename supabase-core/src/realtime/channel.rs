//! A channel: what is said and heard under one topic.

use std::fmt;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, ready};
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use futures_util::Stream;
use serde::Serialize;
use serde_json::json;
use tokio::sync::{oneshot, watch};

use super::broadcast::Broadcast;
use super::changes::{OnAnyChanges, OnChanges};
use super::http::HttpBroadcast;
use super::hub::{Binding, ChannelConfig, ChannelShared, Command, Hub, Interest, Say, gone, lock};
use super::mailbox::{Item, Mailbox, Read};
use super::options::Overflow;
use super::presence::{PresenceEvent, PresenceState, Tracker};
use super::protocol::{Body, Version};
use super::status::{ChannelStatus, CloseReason, SystemMessage};
use crate::client::Client;
use crate::error::{Error, ErrorKind, Result};
use crate::schema::HasRow;

/// A channel, made by [`Client::channel`]. Clones are handles on the same channel; it is left when
/// the last of them, and of its streams, is gone.
///
/// ```no_run
/// # async fn example(supabase: supabase_core::Client) -> supabase_core::Result<()> {
/// use futures_util::StreamExt;
///
/// let room = supabase.channel("room1").ack(true);
/// let mut messages = room.on_broadcast("chat");
/// room.subscribe().await?;
/// room.broadcast("chat", &serde_json::json!({ "text": "hello" })).await?;
/// while let Some(message) = messages.next().await {
///     println!("{message:?}");
/// #   break;
/// }
/// # Ok(()) }
/// ```
#[derive(Clone)]
#[must_use = "a channel is left when its last handle is dropped"]
pub struct Channel {
    pub(crate) client: Client,
    pub(crate) handle: Arc<ChannelHandle>,
}

impl fmt::Debug for Channel {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Channel").field("topic", &self.topic()).field("status", &self.status()).finish()
    }
}

/// Leaves the channel when it is dropped.
#[derive(Debug)]
pub(crate) struct ChannelHandle {
    pub(crate) shared: Arc<ChannelShared>,
    pub(crate) hub: Arc<Hub>,
}

impl Drop for ChannelHandle {
    fn drop(&mut self) {
        let mut channels = lock(&self.hub.channels);
        if channels.get(&self.shared.topic).is_some_and(|known| known.strong_count() == 0) {
            channels.remove(&self.shared.topic);
        }
        drop(channels);
        self.hub.tell(Command::Leave { id: self.shared.id, done: None });
    }
}

impl Channel {
    /// The channel of this topic: the one that there is, or a new one.
    pub(crate) fn of(client: &Client, topic: &str) -> Self {
        let hub = client.hub();
        let topic = topic.strip_prefix("realtime:").unwrap_or(topic);
        let mut channels = lock(&hub.channels);
        if let Some(handle) = channels.get(topic).and_then(std::sync::Weak::upgrade) {
            return Self { client: client.clone(), handle };
        }
        let shared = Arc::new(ChannelShared {
            id: hub.next_id(),
            topic: topic.to_owned(),
            config: Mutex::new(ChannelConfig::new(&hub.shared.options)),
            status: watch::Sender::default(),
            mailboxes: Mutex::new(Vec::new()),
            presence: Mutex::new(Tracker::default()),
            room: hub.shared.room.clone(),
        });
        let handle = Arc::new(ChannelHandle { shared, hub: hub.clone() });
        channels.insert(topic.to_owned(), Arc::downgrade(&handle));
        Self { client: client.clone(), handle }
    }

    fn set(self, set: impl FnOnce(&mut ChannelConfig)) -> Self {
        let mut config = lock(&self.handle.shared.config);
        if config.started {
            config.refusal.get_or_insert_with(|| {
                format!("the channel `{}` was set up after it was subscribed", self.handle.shared.topic)
            });
        } else {
            set(&mut config);
        }
        drop(config);
        self
    }

    /// The topic, without `realtime:`.
    #[must_use]
    pub fn topic(&self) -> &str {
        &self.handle.shared.topic
    }

    // -- settings ---------------------------------------------------------------------------------

    /// Only for who the policies on `realtime.messages` let in. Private and public channels of one
    /// name are two channels.
    pub fn private(self, private: bool) -> Self {
        self.set(|config| config.private = private)
    }

    /// Broadcasts resolve when the server has taken them, not when they are sent.
    pub fn ack(self, ack: bool) -> Self {
        self.set(|config| config.ack = ack)
    }

    /// Receives one's own broadcasts too.
    pub fn receive_own(self, own: bool) -> Self {
        self.set(|config| config.own = own)
    }

    /// Replays what was broadcast from the database since then, at most `limit` messages (25, the
    /// server's most, when `None`). Private channels only.
    pub fn replay(self, since: SystemTime, limit: impl Into<Option<u32>>) -> Self {
        let since = since.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        let since = u64::try_from(since.as_millis()).unwrap_or(u64::MAX);
        let limit = limit.into();
        self.set(|config| config.replay = Some((since, limit)))
    }

    /// The key under which this client is present; the server makes one unless it is set.
    pub fn presence_key(self, key: impl Into<String>) -> Self {
        let key = key.into();
        self.set(|config| {
            config.presence_key = key;
            config.presence = true;
        })
    }

    /// Receives presence. Implied by [`on_presence`](Self::on_presence) and
    /// [`presence_key`](Self::presence_key).
    pub fn presence(self, enabled: bool) -> Self {
        self.set(|config| config.presence = enabled)
    }

    /// Whether [`subscribe`](Self::subscribe) waits until the server confirms that it sends row
    /// changes. It does unless this says `false`; then changes may be missed in the first seconds.
    pub fn wait_for_changes(self, wait: bool) -> Self {
        self.set(|config| config.wait = wait)
    }

    /// How many items are kept for each stream made from now on, and what happens to the next one.
    pub fn buffer(self, items: usize, overflow: Overflow) -> Self {
        {
            let mut config = lock(&self.handle.shared.config);
            config.buffer = items.max(1);
            config.overflow = overflow;
        }
        self
    }

    // -- hearing ----------------------------------------------------------------------------------

    pub(crate) fn bind(&self, binding: Binding) -> Result<usize> {
        let mut config = lock(&self.handle.shared.config);
        if let Some(index) = config.bindings.iter().position(|known| *known == binding) {
            return Ok(index);
        }
        if config.started {
            return Err(Error::new(
                ErrorKind::Refused,
                format!(
                    "the channel `{}` is subscribed already: the server is told about row changes when a channel joins, so ask \
                     for them before, or on another channel",
                    self.topic()
                ),
            ));
        }
        config.bindings.push(binding);
        Ok(config.bindings.len() - 1)
    }

    pub(crate) fn listen(&self, interest: Interest) -> Subscription {
        let shared = &self.handle.shared;
        let (buffer, overflow) = {
            let config = lock(&shared.config);
            (config.buffer, config.overflow)
        };
        let mailbox = Mailbox::new(buffer, overflow, shared.room.clone());
        let mut mailboxes = lock(&shared.mailboxes);
        mailboxes.retain(|(_, mailbox)| !mailbox.is_abandoned());
        mailboxes.push((interest, mailbox.clone()));
        drop(mailboxes);
        Subscription { mailbox, _channel: self.handle.clone(), ended: std::sync::atomic::AtomicBool::new(false) }
    }

    /// The changes of a generated table: `channel.on_changes(planets::Table)`.
    pub fn on_changes<T: HasRow>(&self, table: T) -> OnChanges<T, T::Row> {
        let _ = table;
        OnChanges::new(self.clone())
    }

    /// The changes of a table by name; of every table of the schema without one, of every schema
    /// with the schema `*`.
    pub fn on_any_changes<'t>(&self, schema: &str, table: impl Into<Option<&'t str>>) -> OnAnyChanges {
        OnAnyChanges::new(self.clone(), schema, table.into())
    }

    /// Broadcasts of one event.
    pub fn on_broadcast(&self, event: &str) -> Broadcasts {
        Broadcasts { subscription: self.listen(Interest::Broadcast(Some(event.to_owned()))) }
    }

    /// Broadcasts of every event.
    pub fn on_broadcasts(&self) -> Broadcasts {
        Broadcasts { subscription: self.listen(Interest::Broadcast(None)) }
    }

    /// Who comes and goes.
    pub fn on_presence(&self) -> PresenceEvents {
        let mut config = lock(&self.handle.shared.config);
        if !config.started {
            config.presence = true;
        }
        drop(config);
        PresenceEvents { subscription: self.listen(Interest::Presence) }
    }

    /// What the server says about the channel.
    pub fn on_system(&self) -> SystemMessages {
        SystemMessages { subscription: self.listen(Interest::System) }
    }

    // -- joining and leaving ------------------------------------------------------------------------

    /// Joins, and waits until the server has confirmed. From then on the channel is joined again
    /// whenever it was lost, for ever; [`status`](Self::status) tells.
    ///
    /// # Errors
    /// What the server says when it refuses, or [`ErrorKind::Timeout`] when it could not be reached in
    /// time. Then the channel is over, and may be subscribed again; one that somebody has had, has
    /// started or still waits for goes on being tried.
    pub async fn subscribe(&self) -> Result<()> {
        let (done, answered) = oneshot::channel();
        self.begin(Some(done))?;
        let options = &self.handle.hub.shared.options;
        let limit = options.connect_deadline + options.join_deadline + options.changes_deadline;
        match tokio::time::timeout(limit, answered).await {
            Ok(answer) => answer.unwrap_or_else(|_| Err(gone())),
            Err(_) => {
                let why = match (self.status(), &*self.handle.hub.shared.state.borrow()) {
                    (ChannelStatus::Waiting { reason, .. }, _) => reason,
                    (status, state) => format!("socket {state:?}, channel {status:?}"),
                };
                self.handle.hub.tell(Command::GiveUp { id: self.handle.shared.id });
                let why =
                    format!("the channel `{}` was not joined within {} s: {why}", self.topic(), limit.as_secs_f32());
                Err(Error::new(ErrorKind::Timeout, why))
            }
        }
    }

    /// Joins without waiting, and tries for ever, also when the server refuses at first.
    ///
    /// # Errors
    /// [`ErrorKind::Refused`] when the channel was set up wrongly; [`ErrorKind::Config`] outside a
    /// tokio runtime.
    pub fn start(&self) -> Result<()> {
        self.begin(None)
    }

    fn begin(&self, done: Option<oneshot::Sender<Result<()>>>) -> Result<()> {
        {
            let mut config = lock(&self.handle.shared.config);
            if let Some(refusal) = config.refusal.take() {
                return Err(Error::new(ErrorKind::Refused, refusal));
            }
            config.started = true;
        }
        self.handle.hub.send(Command::Join { channel: self.handle.shared.clone(), done })
    }

    /// Leaves the channel, whatever handles there are, and waits until the server knows. Its streams
    /// end.
    ///
    /// # Errors
    /// [`ErrorKind::Timeout`] when the server does not answer; the channel is left all the same.
    pub async fn unsubscribe(&self) -> Result<()> {
        let (done, answered) = oneshot::channel();
        self.handle.hub.tell(Command::Leave { id: self.handle.shared.id, done: Some(done) });
        // Without an actor there is no channel to leave.
        answered.await.unwrap_or(Ok(()))
    }

    /// What state the channel is in.
    #[must_use]
    pub fn status(&self) -> ChannelStatus {
        self.handle.shared.status.borrow().clone()
    }

    /// The states of the channel from now on, beginning with the present one.
    pub fn statuses(&self) -> impl Stream<Item = ChannelStatus> + Send + use<> {
        super::changes_of(self.handle.shared.status.subscribe())
    }

    // -- saying -----------------------------------------------------------------------------------

    async fn say(&self, say: Say, reply: bool) -> Result<()> {
        let permit = self.handle.hub.permit().await?;
        let (done, answered) = oneshot::channel();
        self.handle.hub.send(Command::Say { id: self.handle.shared.id, say, reply, done, permit })?;
        answered.await.unwrap_or_else(|_| Err(gone()))
    }

    /// Broadcasts JSON to the others on the channel. While the channel is away this waits for it, as
    /// long as a reply may take.
    ///
    /// # Errors
    /// With [`ack`](Self::ack): what the server refuses, and [`ErrorKind::Timeout`]. Without: only
    /// that it could not be sent.
    pub async fn broadcast<T: Serialize + ?Sized>(&self, event: &str, payload: &T) -> Result<()> {
        let json = serde_json::to_string(payload).map_err(|error| {
            Error::new(ErrorKind::Refused, format!("the payload cannot be written as JSON: {error}"))
        })?;
        self.send_body(event, Body::Json(json), String::new()).await
    }

    /// Broadcasts JSON, and keeps it so that who joins later can have it replayed: for so long, or as long as the
    /// server likes when `None`. Needs a [`private`](Self::private) channel and version 2.0.0 of the protocol.
    ///
    /// # Errors
    /// As for [`broadcast`](Self::broadcast), and [`ErrorKind::Refused`] on a public channel or in version 1.0.0.
    pub async fn broadcast_persisted<T: Serialize + ?Sized>(
        &self,
        event: &str,
        payload: &T,
        lifetime: impl Into<Option<Duration>>,
    ) -> Result<()> {
        if self.handle.hub.shared.options.version == Version::V1 {
            let why = "version 1.0.0 of the protocol cannot say that a broadcast is to be kept: use 2.0.0, or `http_broadcast`";
            return Err(Error::new(ErrorKind::Refused, why));
        }
        if !lock(&self.handle.shared.config).private {
            return Err(Error::new(ErrorKind::Refused, only_private(self.topic())));
        }
        let json = serde_json::to_string(payload).map_err(|error| {
            Error::new(ErrorKind::Refused, format!("the payload cannot be written as JSON: {error}"))
        })?;
        let meta = match lifetime.into() {
            None => json!({ "persist": true }),
            Some(lifetime) => json!({ "persist": { "ttl": lifetime.as_secs() } }),
        };
        self.send_body(event, Body::Json(json), meta.to_string()).await
    }

    /// Broadcasts bytes. Needs version 2.0.0 of the protocol, the default.
    ///
    /// # Errors
    /// As for [`broadcast`](Self::broadcast).
    pub async fn broadcast_bytes(&self, event: &str, payload: impl Into<Bytes>) -> Result<()> {
        self.send_body(event, Body::Bytes(payload.into()), String::new()).await
    }

    async fn send_body(&self, event: &str, body: Body, meta: String) -> Result<()> {
        let ack = lock(&self.handle.shared.config).ack;
        self.say(Say::Broadcast { event: event.to_owned(), body, meta }, ack).await
    }

    /// A broadcast over HTTP, which needs no socket and no subscription.
    pub fn http_broadcast(&self, event: &str) -> HttpBroadcast {
        let private = lock(&self.handle.shared.config).private;
        HttpBroadcast::new(self.client.clone(), self.topic(), event, private)
    }

    /// Is present with this payload, an object. It is tracked again whenever the channel was lost.
    ///
    /// # Errors
    /// What the server refuses, and [`ErrorKind::Timeout`]. Where the channel was not joined in time, it is tracked as
    /// soon as it is; [`untrack`](Self::untrack) takes that back.
    pub async fn track<T: Serialize + ?Sized>(&self, payload: &T) -> Result<()> {
        let payload = serde_json::to_value(payload).map_err(|error| {
            Error::new(ErrorKind::Refused, format!("what to track cannot be written as JSON: {error}"))
        })?;
        if !payload.is_object() {
            return Err(Error::new(ErrorKind::Refused, "what to track has to be an object: a struct or a map"));
        }
        let payload = json!({ "type": "presence", "event": "track", "payload": payload }).to_string();
        self.say(Say::Presence { tracked: Some(payload.clone()), payload }, true).await
    }

    /// Is present no more.
    ///
    /// # Errors
    /// As for [`track`](Self::track).
    pub async fn untrack(&self) -> Result<()> {
        let payload = json!({ "type": "presence", "event": "untrack" }).to_string();
        self.say(Say::Presence { payload, tracked: None }, true).await
    }

    /// Who is there now.
    #[must_use]
    pub fn presence_state(&self) -> PresenceState {
        lock(&self.handle.shared.presence).state().clone()
    }
}

/// Why a broadcast cannot be kept.
pub(crate) fn only_private(topic: &str) -> String {
    format!("a broadcast is kept for replay on private channels only: `{topic}` is public, see `.private(true)`")
}

/// What every stream of a channel is made of.
#[derive(Debug)]
pub(crate) struct Subscription {
    mailbox: Arc<Mailbox>,
    /// Keeps the channel joined.
    _channel: Arc<ChannelHandle>,
    ended: std::sync::atomic::AtomicBool,
}

impl Subscription {
    pub(crate) fn poll(&self, context: &mut Context<'_>) -> Poll<Read> {
        self.mailbox.poll(context)
    }
}

impl Drop for Subscription {
    fn drop(&mut self) {
        self.mailbox.abandon();
    }
}

/// How a stream ends: at once when the channel was left, with one error otherwise.
pub(crate) fn end_of<T>(subscription: &Subscription, end: Read) -> Option<Result<T>> {
    let error = match end {
        Read::Overflowed => Error::new(
            ErrorKind::Refused,
            "the stream was read too slowly and its buffer ran over: read faster, give it a larger buffer, or another `Overflow`",
        ),
        Read::Closed(CloseReason::Left) | Read::Item(_) => return None,
        Read::Closed(reason) => Error::new(ErrorKind::Offline, reason.to_string()),
    };
    let told = subscription.ended.swap(true, std::sync::atomic::Ordering::Relaxed);
    (!told).then_some(Err(error))
}

/// The broadcasts of a channel.
#[derive(Debug)]
#[must_use = "a stream does nothing unless it is read"]
pub struct Broadcasts {
    subscription: Subscription,
}

impl Stream for Broadcasts {
    type Item = Result<Broadcast>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            return Poll::Ready(match ready!(self.subscription.poll(context)) {
                Read::Item(Item::Broadcast(message)) => Some(Ok(Broadcast::Message(message))),
                Read::Item(Item::Gap(gap)) => Some(Ok(Broadcast::Gap(gap))),
                Read::Item(Item::Lagged(count)) => Some(Ok(Broadcast::Lagged(count))),
                Read::Item(_) => continue,
                end => end_of(&self.subscription, end),
            });
        }
    }
}

/// The presence of a channel.
#[derive(Debug)]
#[must_use = "a stream does nothing unless it is read"]
pub struct PresenceEvents {
    subscription: Subscription,
}

impl Stream for PresenceEvents {
    type Item = Result<PresenceEvent>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            return Poll::Ready(match ready!(self.subscription.poll(context)) {
                Read::Item(Item::Presence(event)) => Some(Ok(event)),
                Read::Item(Item::Gap(gap)) => Some(Ok(PresenceEvent::Gap(gap))),
                Read::Item(Item::Lagged(count)) => Some(Ok(PresenceEvent::Lagged(count))),
                Read::Item(_) => continue,
                end => end_of(&self.subscription, end),
            });
        }
    }
}

/// What the server says about a channel.
#[derive(Debug)]
#[must_use = "a stream does nothing unless it is read"]
pub struct SystemMessages {
    subscription: Subscription,
}

impl Stream for SystemMessages {
    type Item = Result<SystemMessage>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            return Poll::Ready(match ready!(self.subscription.poll(context)) {
                Read::Item(Item::System(message)) => Some(Ok(message)),
                Read::Item(_) => continue,
                end => end_of(&self.subscription, end),
            });
        }
    }
}
