//! The one task that owns the socket.
//!
//! It never waits for one thing alone: commands, the socket in both directions, the next timer, a
//! token and (where a subscriber asked for it) room in a mailbox are all looked at together, so that
//! neither a stalled socket nor a slow subscriber keeps it from noticing that the other end is gone.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap, VecDeque};
use std::future::poll_fn;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, SystemTime};

use serde::Deserialize;
use serde_json::json;
use serde_json::value::RawValue;
use tokio::sync::{OwnedSemaphorePermit, mpsc};
use tokio::time::Instant;

use super::broadcast::BroadcastMessage;
use super::changes::ChangeKind;
use super::connector::{BoxSocket, ConnectRequest, Message};
use super::hub::{Binding, ChannelConfig, ChannelShared, Command, Done, HubShared, Interest, Say, lock};
use super::mailbox::Item;
use super::protocol::{self, Event, Incoming, Outgoing, Payload};
use super::status::{ChannelStatus, CloseReason, ConnectionState, DisconnectReason, Gap, RealtimeEvent, SystemMessage};
use super::token::expiry;
use crate::error::{Error, ErrorKind, Result};
use crate::query::percent;
use crate::token::TokenChanges;
use crate::transport::BoxFuture;

/// How long before its expiry a token is replaced.
const TOKEN_MARGIN: Duration = Duration::from_secs(30);
/// How long a channel waits after the server said that there are too many.
const RATE_LIMITED: Duration = Duration::from_secs(30);

enum Link {
    Down,
    Connecting(BoxFuture<'static, Result<BoxSocket>>),
    Up(BoxSocket),
}

enum LinkEvent {
    Opened(Result<BoxSocket>),
    Received(Message),
    Lost(DisconnectReason),
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Timer {
    Connect(u64),
    Heartbeat(u64),
    HeartbeatDeadline(String),
    JoinDeadline(u64, String),
    Changes(u64, String),
    Rejoin(u64, u32),
    Reply(String),
    Waiting(u64, u64),
    Token(u64),
    Idle(u64),
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum State {
    /// To be joined as soon as there is a socket and a token.
    Wanted,
    /// The server has been asked.
    Joining(String),
    Joined(String),
    /// The server said no; it is asked again when the timer of this attempt fires.
    Refused,
}

struct Queued {
    number: u64,
    say: Say,
    reply: bool,
    done: Done,
    permit: OwnedSemaphorePermit,
}

struct Chan {
    shared: Arc<ChannelShared>,
    /// With `realtime:`.
    topic: String,
    config: ChannelConfig,
    /// What the server is asked for: the bindings without repetitions.
    asked: Vec<Binding>,
    /// The server's ids, one for each of `asked`.
    ids: Vec<i64>,
    state: State,
    attempt: u32,
    confirmed: bool,
    ever_confirmed: bool,
    waiters: Vec<Done>,
    gap_since: Option<SystemTime>,
    tracked: Option<String>,
    queue: VecDeque<Queued>,
    last_error: Option<String>,
}

impl Chan {
    fn join_ref(&self) -> Option<&str> {
        match &self.state {
            State::Joining(reference) | State::Joined(reference) => Some(reference),
            State::Wanted | State::Refused => None,
        }
    }

    fn set_status(&self, status: ChannelStatus) {
        self.shared.status.send_if_modified(|now| {
            let differs = *now != status;
            *now = status;
            differs
        });
    }

    fn deliver(&self, wanted: impl Fn(&Interest) -> bool, item: impl Fn() -> Item) -> bool {
        let mut blocked = false;
        let mut mailboxes = lock(&self.shared.mailboxes);
        mailboxes.retain(|(interest, mailbox)| {
            if mailbox.is_abandoned() {
                return false;
            }
            if wanted(interest) {
                mailbox.deliver(item());
                blocked |= mailbox.blocks();
            }
            true
        });
        blocked
    }
}

struct Pending {
    channel: u64,
    done: Done,
}

pub(crate) struct Actor {
    shared: Arc<HubShared>,
    commands: mpsc::UnboundedReceiver<Command>,
    link: Link,
    /// Raised with every socket, so that a timer of an older one is known.
    generation: u64,
    outbox: VecDeque<(Message, Option<OwnedSemaphorePermit>)>,
    flush: bool,
    wanted: bool,
    /// `disconnect` was called: nothing connects before `connect` is.
    stopped: bool,
    attempt: u32,
    counter: u64,
    connect_waiters: Vec<Done>,
    channels: HashMap<u64, Chan>,
    topics: HashMap<String, u64>,
    pending: HashMap<String, Pending>,
    timers: BinaryHeap<Reverse<(Instant, u64, Timer)>>,
    timer_number: u64,
    heartbeat: Option<(String, Instant)>,
    token: Option<String>,
    token_generation: u64,
    token_attempt: u32,
    fetch: Option<BoxFuture<'static, Result<String>>>,
    outdated: bool,
    token_changes: TokenChanges,
    last_heard: SystemTime,
    blocked: Option<u64>,
    idle_generation: u64,
}

impl Actor {
    pub(crate) fn new(shared: Arc<HubShared>, commands: mpsc::UnboundedReceiver<Command>) -> Self {
        let token_changes = shared.tokens.changes();
        let last_heard = (shared.options.clock)();
        Self {
            shared,
            commands,
            link: Link::Down,
            generation: 0,
            outbox: VecDeque::new(),
            flush: false,
            wanted: false,
            stopped: false,
            attempt: 0,
            counter: 0,
            connect_waiters: Vec::new(),
            channels: HashMap::new(),
            topics: HashMap::new(),
            pending: HashMap::new(),
            timers: BinaryHeap::new(),
            timer_number: 0,
            heartbeat: None,
            token: None,
            token_generation: 0,
            token_attempt: 0,
            fetch: None,
            outdated: false,
            token_changes,
            last_heard,
            blocked: None,
            idle_generation: 0,
        }
    }

    /// Lives until no handle is left.
    pub(crate) async fn run(mut self) {
        loop {
            let paused = self.blocked.is_some_and(|id| {
                self.channels
                    .get(&id)
                    .is_some_and(|channel| lock(&channel.shared.mailboxes).iter().any(|(_, mailbox)| mailbox.blocks()))
            });
            if !paused {
                self.blocked = None;
            }
            let next = self.timers.peek().map(|Reverse((at, ..))| *at);
            tokio::select! {
                command = self.commands.recv() => match command {
                    Some(command) => self.command(command).await,
                    None => return self.finish(DisconnectReason::HandlesGone).await,
                },
                event = poll_fn(|context| poll_link(&mut self.link, &mut self.outbox, &mut self.flush, paused, context)) => {
                    self.link_event(event);
                }
                () = sleep_until(next) => self.fire(paused).await,
                token = fetched(&mut self.fetch) => self.token_arrived(token),
                _ = self.token_changes.changed() => self.token_outdated(),
                () = self.shared.room.notified(), if paused => {}
            }
        }
    }

    fn at(&mut self, after: Duration, timer: Timer) {
        self.timer_number += 1;
        self.timers.push(Reverse((Instant::now() + after, self.timer_number, timer)));
    }

    fn reference(&mut self) -> String {
        self.counter += 1;
        self.counter.to_string()
    }

    fn event(&self, event: RealtimeEvent) {
        tracing::debug!(target: "supabase::realtime", ?event, "realtime");
        // Nobody needs to listen.
        let _ = self.shared.events.send(event);
    }

    fn is_up(&self) -> bool {
        matches!(self.link, Link::Up(_))
    }

    // -- commands ---------------------------------------------------------------------------------

    async fn command(&mut self, command: Command) {
        match command {
            Command::Connect(done) => {
                self.wanted = true;
                self.stopped = false;
                if let Some(done) = done {
                    if self.is_up() {
                        let _ = done.send(Ok(()));
                    } else {
                        self.connect_waiters.push(done);
                    }
                }
                self.connect_now();
            }
            Command::Disconnect(done) => {
                self.wanted = false;
                self.stopped = true;
                self.close(DisconnectReason::Asked).await;
                let _ = done.send(Ok(()));
            }
            Command::Join { channel, done } => self.join_command(channel, done),
            Command::Leave { id, done } => self.leave(id, done),
            Command::Say { id, say, reply, done, permit } => self.say_command(id, say, reply, done, permit),
            Command::Token => self.token_outdated(),
        }
    }

    fn join_command(&mut self, shared: Arc<ChannelShared>, done: Option<Done>) {
        if let Some(channel) = self.channels.get_mut(&shared.id) {
            match done {
                Some(done) if channel.confirmed => drop(done.send(Ok(()))),
                Some(done) => channel.waiters.push(done),
                None => {}
            }
            return;
        }
        let topic = format!("realtime:{}", shared.topic);
        let config = lock(&shared.config).clone();
        let mut asked: Vec<Binding> = Vec::new();
        for binding in &config.bindings {
            if !asked.contains(binding) {
                asked.push(binding.clone());
            }
        }
        let id = shared.id;
        let channel = Chan {
            shared,
            topic: topic.clone(),
            config,
            asked,
            ids: Vec::new(),
            state: State::Wanted,
            attempt: 0,
            confirmed: false,
            ever_confirmed: false,
            waiters: done.into_iter().collect(),
            gap_since: None,
            tracked: None,
            queue: VecDeque::new(),
            last_error: None,
        };
        channel.set_status(ChannelStatus::Joining);
        self.topics.insert(topic, id);
        self.channels.insert(id, channel);
        self.stopped = false;
        self.idle_generation += 1;
        self.connect_now();
        if self.is_up() {
            self.fetch_token();
        }
    }

    fn leave(&mut self, id: u64, done: Option<Done>) {
        let Some(channel) = self.channels.remove(&id) else {
            if let Some(done) = done {
                let _ = done.send(Ok(()));
            }
            return;
        };
        self.forget_topic(id, &channel.topic);
        let (join_ref, topic) = (channel.join_ref().map(str::to_owned), channel.topic.clone());
        self.drop_channel(channel, &CloseReason::Left, None);
        match join_ref {
            Some(join_ref) if self.is_up() => {
                let reference = self.reference();
                self.say_plain(Some(&join_ref), &reference, &topic, "phx_leave", "{}");
                if let Some(done) = done {
                    let deadline = self.shared.options.reply_deadline;
                    self.at(deadline, Timer::Reply(reference.clone()));
                    self.pending.insert(reference, Pending { channel: 0, done });
                }
            }
            _ => {
                if let Some(done) = done {
                    let _ = done.send(Ok(()));
                }
            }
        }
        self.consider_idle();
    }

    /// The topic may have a new channel already.
    fn forget_topic(&mut self, id: u64, topic: &str) {
        if self.topics.get(topic) == Some(&id) {
            self.topics.remove(topic);
        }
    }

    /// Ends everything that waits for a channel.
    fn drop_channel(&mut self, channel: Chan, reason: &CloseReason, error: Option<Error>) {
        let id = channel.shared.id;
        channel.shared.close(reason);
        let mut error = error;
        for waiter in channel.waiters {
            let error = error.take().unwrap_or_else(|| Error::new(ErrorKind::Offline, reason.to_string()));
            let _ = waiter.send(Err(error));
        }
        for queued in channel.queue {
            let _ = queued.done.send(Err(Error::new(ErrorKind::Offline, reason.to_string())));
        }
        let references: Vec<String> = self
            .pending
            .iter()
            .filter(|(_, pending)| pending.channel == id)
            .map(|(reference, _)| reference.clone())
            .collect();
        for pending in references.into_iter().filter_map(|reference| self.pending.remove(&reference)) {
            let _ = pending.done.send(Err(Error::new(ErrorKind::Offline, reason.to_string())));
        }
    }

    fn consider_idle(&mut self) {
        if self.channels.is_empty() && !self.wanted && !matches!(self.link, Link::Down) {
            self.idle_generation += 1;
            if let Some(after) = self.shared.options.idle {
                self.at(after, Timer::Idle(self.idle_generation));
            }
        }
    }

    // -- saying things ------------------------------------------------------------------------------

    fn say_plain(&mut self, join_ref: Option<&str>, reference: &str, topic: &str, event: &str, payload: &str) {
        let out = Outgoing { join_ref, reference, topic, event: Event::Plain(event, payload) };
        if let Ok(message) = protocol::encode(self.shared.options.version, &out) {
            self.outbox.push_back((message, None));
        }
    }

    fn say_command(&mut self, id: u64, say: Say, reply: bool, done: Done, permit: OwnedSemaphorePermit) {
        self.timer_number += 1;
        let number = self.timer_number;
        let Some(channel) = self.channels.get_mut(&id) else {
            let why = "the channel is not subscribed: call `.subscribe()` before, or send over HTTP";
            let _ = done.send(Err(Error::new(ErrorKind::Refused, why)));
            return;
        };
        if let Say::Presence { tracked, .. } = &say {
            channel.tracked.clone_from(tracked);
        }
        channel.queue.push_back(Queued { number, say, reply, done, permit });
        if matches!(channel.state, State::Joined(_)) && self.is_up() {
            self.flush_queue(id);
        } else {
            let deadline = self.shared.options.reply_deadline;
            self.at(deadline, Timer::Waiting(id, number));
        }
    }

    fn flush_queue(&mut self, id: u64) {
        let version = self.shared.options.version;
        loop {
            let reference = (self.counter + 1).to_string();
            let Some(channel) = self.channels.get_mut(&id) else { return };
            let State::Joined(join_ref) = &channel.state else { return };
            let Some(Queued { say, reply, done, permit, .. }) = channel.queue.pop_front() else { return };
            let event = match &say {
                Say::Broadcast { event, body } => Event::Broadcast(event, body, ""),
                Say::Presence { payload, .. } => Event::Plain("presence", payload),
            };
            let out = Outgoing { join_ref: Some(join_ref), reference: &reference, topic: &channel.topic, event };
            match protocol::encode(version, &out) {
                Err(why) => {
                    let _ = done.send(Err(Error::new(ErrorKind::Refused, why)));
                }
                Ok(message) => {
                    self.counter += 1;
                    self.outbox.push_back((message, Some(permit)));
                    if reply {
                        let deadline = self.shared.options.reply_deadline;
                        self.at(deadline, Timer::Reply(reference.clone()));
                        self.pending.insert(reference, Pending { channel: id, done });
                    } else {
                        let _ = done.send(Ok(()));
                    }
                }
            }
        }
    }

    // -- the socket ---------------------------------------------------------------------------------

    fn connect_now(&mut self) {
        if !matches!(self.link, Link::Down) || self.stopped {
            return;
        }
        self.generation += 1;
        let options = &self.shared.options;
        let mut url = format!("{}?apikey=", self.shared.url);
        percent::encode(&mut url, self.shared.key.text());
        url.push_str("&vsn=");
        url.push_str(options.version.name());
        for (name, value) in &options.parameters {
            url.push('&');
            percent::encode(&mut url, name);
            url.push('=');
            percent::encode(&mut url, value);
        }
        let request = ConnectRequest { url, headers: http::HeaderMap::new() };
        let connecting = options.connector.connect(request);
        let deadline = options.connect_deadline;
        self.link = Link::Connecting(Box::pin(async move {
            tokio::time::timeout(deadline, connecting).await.unwrap_or_else(|_| {
                Err(Error::new(
                    ErrorKind::Timeout,
                    format!("the socket was not open after {} s", deadline.as_secs_f32()),
                ))
            })
        }));
        self.shared.state.send_replace(ConnectionState::Connecting);
    }

    fn link_event(&mut self, event: LinkEvent) {
        match event {
            LinkEvent::Opened(Ok(socket)) => self.opened(socket),
            LinkEvent::Opened(Err(error)) => self.not_opened(&error),
            LinkEvent::Received(Message::Close(said)) => self.lost(DisconnectReason::ServerClosed(said)),
            LinkEvent::Received(message) => {
                self.last_heard = (self.shared.options.clock)();
                if let Some(incoming) = protocol::decode(&message) {
                    self.received(incoming);
                }
            }
            LinkEvent::Lost(reason) => self.lost(reason),
        }
    }

    fn opened(&mut self, socket: BoxSocket) {
        self.link = Link::Up(socket);
        self.last_heard = (self.shared.options.clock)();
        self.shared.state.send_replace(ConnectionState::Connected);
        self.event(RealtimeEvent::Connected);
        for waiter in self.connect_waiters.drain(..) {
            let _ = waiter.send(Ok(()));
        }
        self.at(self.shared.options.heartbeat, Timer::Heartbeat(self.generation));
        self.consider_idle();
        self.fetch_token();
    }

    fn not_opened(&mut self, error: &Error) {
        // Trying again cannot help who is told that the key or the project is wrong.
        if matches!(
            error.kind(),
            ErrorKind::Unauthenticated | ErrorKind::PermissionDenied | ErrorKind::NotFound | ErrorKind::Config
        ) {
            let say = || Error::new(error.kind(), error.to_string());
            for waiter in self.connect_waiters.drain(..) {
                let _ = waiter.send(Err(say()));
            }
            let refused: Vec<u64> =
                self.channels.iter().filter(|(_, channel)| !channel.waiters.is_empty()).map(|(id, _)| *id).collect();
            for id in refused {
                self.refuse(id, say());
            }
        }
        self.lost(DisconnectReason::ConnectFailed(error.to_string()));
    }

    /// The first subscription failed: the channel is over.
    fn refuse(&mut self, id: u64, error: Error) {
        if let Some(channel) = self.channels.remove(&id) {
            self.forget_topic(id, &channel.topic);
            self.drop_channel(channel, &CloseReason::Refused(error.to_string()), Some(error));
        }
        self.consider_idle();
    }

    /// The socket is gone, or never was.
    fn lost(&mut self, reason: DisconnectReason) {
        self.link = Link::Down;
        self.generation += 1;
        self.outbox.clear();
        self.flush = false;
        self.heartbeat = None;
        for (_, pending) in self.pending.drain() {
            let why = "the socket was lost before the server answered: it is not known whether it was done";
            let _ =
                pending.done.send(if pending.channel == 0 { Ok(()) } else { Err(Error::new(ErrorKind::Offline, why)) });
        }
        let heard = self.last_heard;
        for channel in self.channels.values_mut() {
            if channel.confirmed {
                channel.gap_since.get_or_insert(heard);
            }
            channel.confirmed = false;
            if channel.state != State::Refused {
                channel.state = State::Wanted;
                channel.set_status(ChannelStatus::Joining);
            }
        }
        self.event(RealtimeEvent::Disconnected(reason.clone()));
        if !self.stopped && (self.wanted || !self.channels.is_empty()) {
            self.attempt = self.attempt.saturating_add(1);
            let wait = (self.shared.options.backoff)(self.attempt);
            self.at(wait, Timer::Connect(self.generation));
            self.shared.state.send_replace(ConnectionState::Waiting { reason, wait });
        } else {
            self.attempt = 0;
            self.shared.state.send_replace(ConnectionState::Disconnected);
        }
    }

    /// Says goodbye, within a second, and ends the socket.
    async fn close(&mut self, reason: DisconnectReason) {
        if matches!(self.link, Link::Down) {
            self.generation += 1;
            self.shared.state.send_replace(ConnectionState::Disconnected);
            return;
        }
        if self.is_up() {
            self.outbox.push_back((Message::Close(String::new()), None));
            let said =
                poll_fn(|context| match poll_link(&mut self.link, &mut self.outbox, &mut self.flush, true, context) {
                    Poll::Ready(_) => Poll::Ready(()),
                    Poll::Pending if self.outbox.is_empty() && !self.flush => Poll::Ready(()),
                    Poll::Pending => Poll::Pending,
                });
            let _ = tokio::time::timeout(Duration::from_secs(1), said).await;
        }
        self.lost(reason);
    }

    async fn finish(mut self, reason: DisconnectReason) {
        self.stopped = true;
        self.close(reason).await;
    }

    // -- timers -------------------------------------------------------------------------------------

    async fn fire(&mut self, paused: bool) {
        let now = Instant::now();
        while let Some(Reverse((at, ..))) = self.timers.peek() {
            if *at > now {
                return;
            }
            let Some(Reverse((_, _, timer))) = self.timers.pop() else { return };
            self.fired(timer, paused).await;
        }
    }

    async fn fired(&mut self, timer: Timer, paused: bool) {
        match timer {
            Timer::Connect(generation) if generation == self.generation => self.connect_now(),
            Timer::Heartbeat(generation) if generation == self.generation && self.is_up() => {
                // While nothing is read nothing is answered, and the server still wants to hear us.
                if self.heartbeat.is_none() || paused {
                    let reference = self.reference();
                    self.say_plain(None, &reference, "phoenix", "heartbeat", "{}");
                    self.heartbeat = Some((reference.clone(), Instant::now()));
                    self.event(RealtimeEvent::HeartbeatSent);
                    let deadline = self.shared.options.heartbeat_deadline;
                    self.at(deadline, Timer::HeartbeatDeadline(reference));
                }
                self.at(self.shared.options.heartbeat, Timer::Heartbeat(generation));
                if self.shared.options.access_token.is_some() {
                    self.fetch_token();
                }
            }
            Timer::HeartbeatDeadline(reference)
                if self.heartbeat.as_ref().is_some_and(|(sent, _)| *sent == reference) =>
            {
                if paused {
                    // Nothing is read now, so nothing can have been answered.
                    let deadline = self.shared.options.heartbeat_deadline;
                    self.at(deadline, Timer::HeartbeatDeadline(reference));
                } else {
                    self.event(RealtimeEvent::HeartbeatMissed);
                    self.lost(DisconnectReason::HeartbeatMissed);
                }
            }
            Timer::JoinDeadline(id, reference) => {
                let late = self.channels.get(&id).is_some_and(|channel| channel.state == State::Joining(reference));
                if late {
                    self.channel_lost(id, "the server did not answer the join in time");
                }
            }
            Timer::Changes(id, reference) => {
                let late = self
                    .channels
                    .get(&id)
                    .is_some_and(|channel| !channel.confirmed && channel.state == State::Joined(reference.clone()));
                if late {
                    let topic = self.channels.get(&id).map(|channel| channel.topic.clone()).unwrap_or_default();
                    let leave = self.reference();
                    self.say_plain(Some(&reference), &leave, &topic, "phx_leave", "{}");
                    self.channel_lost(id, "the server did not confirm in time that it sends row changes");
                }
            }
            Timer::Rejoin(id, attempt) => {
                let Some(channel) = self.channels.get_mut(&id) else { return };
                if channel.state == State::Refused && channel.attempt == attempt {
                    channel.state = State::Wanted;
                    channel.set_status(ChannelStatus::Joining);
                    if self.is_up() {
                        self.fetch_token();
                    }
                }
            }
            Timer::Reply(reference) => {
                if let Some(pending) = self.pending.remove(&reference) {
                    let why = "the server did not answer on the channel in time";
                    let _ = pending.done.send(Err(Error::new(ErrorKind::Timeout, why)));
                }
            }
            Timer::Waiting(id, number) => {
                let Some(channel) = self.channels.get_mut(&id) else { return };
                if let Some(at) = channel.queue.iter().position(|queued| queued.number == number)
                    && let Some(queued) = channel.queue.remove(at)
                {
                    let why = "the channel was not joined in time to send this";
                    let _ = queued.done.send(Err(Error::new(ErrorKind::Timeout, why)));
                }
            }
            Timer::Token(generation) if generation == self.token_generation => self.fetch_token(),
            Timer::Idle(generation)
                if generation == self.idle_generation && self.channels.is_empty() && !self.wanted =>
            {
                self.close(DisconnectReason::Idle).await;
            }
            _ => {}
        }
    }

    // -- the token ----------------------------------------------------------------------------------

    /// There is another token: one that is being fetched may be the old one.
    fn token_outdated(&mut self) {
        self.outdated = self.fetch.is_some();
        self.fetch_token();
    }

    /// Asks for the token. When it is there, the channels that want to are joined with it.
    fn fetch_token(&mut self) {
        if self.fetch.is_some() {
            return;
        }
        let shared = self.shared.clone();
        let deadline = shared.options.connect_deadline;
        self.fetch = Some(Box::pin(async move {
            let asked = async {
                let manual = lock(&shared.manual).clone();
                if let Some(token) = manual {
                    return Ok(token);
                }
                let key = || shared.key.text().to_owned();
                match &shared.options.access_token {
                    Some(give) => Ok(give().await?.unwrap_or_else(key)),
                    None => Ok(shared.tokens.token().await?.map_or_else(key, |token| token.text().to_owned())),
                }
            };
            tokio::time::timeout(deadline, asked)
                .await
                .unwrap_or_else(|_| Err(Error::new(ErrorKind::Timeout, "no access token was given in time")))
        }));
    }

    fn token_arrived(&mut self, token: Result<String>) {
        self.fetch = None;
        self.token_generation += 1;
        if std::mem::take(&mut self.outdated) {
            return self.fetch_token();
        }
        let token = match token {
            Ok(token) => token,
            Err(error) => {
                self.event(RealtimeEvent::TokenFailed(error.to_string()));
                let refused: Vec<u64> = self
                    .channels
                    .iter()
                    .filter(|(_, channel)| !channel.waiters.is_empty())
                    .map(|(id, _)| *id)
                    .collect();
                for id in refused {
                    self.refuse(id, Error::new(error.kind(), error.to_string()));
                }
                self.token_attempt = self.token_attempt.saturating_add(1);
                let wait = (self.shared.options.backoff)(self.token_attempt).max(Duration::from_secs(1));
                self.at(wait, Timer::Token(self.token_generation));
                return;
            }
        };
        self.token_attempt = 0;
        let changed = self.token.as_ref().is_some_and(|old| *old != token);
        if let Some(expires) = expiry(&token)
            && lock(&self.shared.manual).is_none()
        {
            // Before it expires; where no other one could be had by then, a little later again.
            let left = expires.duration_since((self.shared.options.clock)()).unwrap_or_default();
            let after =
                left.checked_sub(TOKEN_MARGIN).filter(|after| !after.is_zero()).unwrap_or(Duration::from_secs(10));
            self.at(after, Timer::Token(self.token_generation));
        }
        self.token = Some(token.clone());
        if changed {
            self.event(RealtimeEvent::TokenChanged);
            let payload = json!({ "access_token": token }).to_string();
            let joined: Vec<(String, String)> = self
                .channels
                .values()
                .filter_map(|channel| Some((channel.join_ref()?.to_owned(), channel.topic.clone())))
                .collect();
            for (join_ref, topic) in joined {
                let reference = self.reference();
                self.say_plain(Some(&join_ref), &reference, &topic, "access_token", &payload);
            }
        }
        if self.is_up() {
            let mut wanted: Vec<u64> =
                self.channels.iter().filter(|(_, channel)| channel.state == State::Wanted).map(|(id, _)| *id).collect();
            // In the order in which they were made.
            wanted.sort_unstable();
            for id in wanted {
                self.join(id, &token);
            }
        }
    }

    // -- channels -----------------------------------------------------------------------------------

    fn join(&mut self, id: u64, token: &str) {
        let reference = self.reference();
        let Some(channel) = self.channels.get_mut(&id) else { return };
        let config = &channel.config;
        let mut broadcast = json!({ "ack": config.ack, "self": config.own });
        if let Some((since, limit)) = config.replay {
            // What was heard before the channel was lost need not come again.
            let lost = channel.gap_since.and_then(|lost| lost.duration_since(SystemTime::UNIX_EPOCH).ok());
            let since = since.max(lost.map_or(0, |lost| u64::try_from(lost.as_millis()).unwrap_or_default()));
            broadcast["replay"] = json!({ "since": since });
            if let Some(limit) = limit {
                broadcast["replay"]["limit"] = json!(limit);
            }
        }
        let changes: Vec<_> = channel.asked.iter().map(Binding::to_json).collect();
        let payload = json!({
            "config": {
                "broadcast": broadcast,
                "presence": { "key": config.presence_key, "enabled": config.presence },
                "postgres_changes": changes,
                "private": config.private,
            },
            "access_token": token,
        });
        if config.presence {
            lock(&channel.shared.presence).expect_state();
        }
        channel.state = State::Joining(reference.clone());
        channel.last_error = None;
        let topic = channel.topic.clone();
        self.say_plain(Some(&reference), &reference, &topic, "phx_join", &payload.to_string());
        self.at(self.shared.options.join_deadline, Timer::JoinDeadline(id, reference));
    }

    fn joined(&mut self, id: u64, join_ref: &str, response: &str) {
        let Some(channel) = self.channels.get_mut(&id) else { return };
        let Some(ids) = ids_of(response, &channel.asked) else {
            let topic = channel.topic.clone();
            let reference = self.reference();
            self.say_plain(Some(join_ref), &reference, &topic, "phx_leave", "{}");
            return self.channel_lost(id, "the server's list of row changes is not the one that was asked for");
        };
        channel.ids = ids;
        channel.state = State::Joined(join_ref.to_owned());
        self.attempt = 0;
        let has_changes = !channel.asked.is_empty();
        let waits = has_changes && channel.config.wait;
        let tracked = channel.tracked.clone();
        let topic = channel.topic.clone();
        if let Some(payload) = tracked
            && channel.ever_confirmed
        {
            let reference = self.reference();
            self.say_plain(Some(join_ref), &reference, &topic, "presence", &payload);
        }
        if waits {
            self.at(self.shared.options.changes_deadline, Timer::Changes(id, join_ref.to_owned()));
        } else {
            self.confirmed(id);
        }
        self.flush_queue(id);
    }

    /// The server has confirmed all that was asked for.
    fn confirmed(&mut self, id: u64) {
        let now = (self.shared.options.clock)();
        let Some(channel) = self.channels.get_mut(&id) else { return };
        if std::mem::replace(&mut channel.confirmed, true) {
            return;
        }
        channel.attempt = 0;
        channel.ever_confirmed = true;
        channel.set_status(ChannelStatus::Joined);
        for waiter in channel.waiters.drain(..) {
            let _ = waiter.send(Ok(()));
        }
        if let Some(since) = channel.gap_since.take() {
            let gap = Gap { since, until: now };
            for (_, mailbox) in lock(&channel.shared.mailboxes).iter() {
                mailbox.announce(Item::Gap(gap.clone()));
            }
        }
    }

    /// The server ended the channel, or would not begin it: it is asked again later.
    fn channel_lost(&mut self, id: u64, why: &str) {
        let heard = self.last_heard;
        let Some(channel) = self.channels.get_mut(&id) else { return };
        let reason = channel.last_error.take().unwrap_or_else(|| why.to_owned());
        if channel.confirmed {
            channel.gap_since.get_or_insert(heard);
        }
        channel.confirmed = false;
        channel.state = State::Refused;
        channel.attempt = channel.attempt.saturating_add(1);
        let attempt = channel.attempt;
        let wait =
            if reason.contains("RateLimitReached") { RATE_LIMITED } else { (self.shared.options.backoff)(attempt) };
        tracing::debug!(target: "supabase::realtime", topic = channel.topic, reason, "the channel was lost");
        channel.set_status(ChannelStatus::Waiting { reason, wait });
        self.at(wait, Timer::Rejoin(id, attempt));
        let references: Vec<String> = self
            .pending
            .iter()
            .filter(|(_, pending)| pending.channel == id)
            .map(|(reference, _)| reference.clone())
            .collect();
        for pending in references.into_iter().filter_map(|reference| self.pending.remove(&reference)) {
            let why = "the channel was lost before the server answered: it is not known whether it was done";
            let _ = pending.done.send(Err(Error::new(ErrorKind::Offline, why)));
        }
    }

    fn received(&mut self, incoming: Incoming) {
        let Incoming { join_ref, reference, topic, event, payload } = incoming;
        if event == "phx_reply" {
            return self.replied(&topic, reference.as_deref(), &payload);
        }
        let Some(&id) = self.topics.get(&topic) else { return };
        let Some(channel) = self.channels.get_mut(&id) else { return };
        let closing = matches!(event.as_str(), "phx_close" | "phx_error");
        // Version 1 has no join_ref; there the ref of an end is the join's.
        let about = join_ref.as_deref().or(if closing { reference.as_deref() } else { None });
        if about.is_some() && about != channel.join_ref() {
            return;
        }
        if closing {
            let why =
                if event == "phx_close" { "the server closed the channel" } else { "the channel failed on the server" };
            return self.channel_lost(id, why);
        }
        let blocked = match payload {
            Payload::Json(json) => match event.as_str() {
                "broadcast" => match BroadcastMessage::from_json(&json) {
                    Some(message) => broadcast(channel, message),
                    None => false,
                },
                "postgres_changes" => changed(channel, &json),
                "presence_state" => {
                    let events = lock(&channel.shared.presence).sync(json.get());
                    present(channel, &events)
                }
                "presence_diff" => {
                    let events = lock(&channel.shared.presence).diff(json.get());
                    present(channel, &events)
                }
                "system" => return self.told(id, &json),
                _ => false,
            },
            Payload::Broadcast { event, meta, body } => {
                broadcast(channel, BroadcastMessage::from_parts(event, meta.as_deref(), body))
            }
            Payload::Bytes(_) => false,
        };
        if blocked {
            self.blocked = Some(id);
        }
    }

    fn told(&mut self, id: u64, json: &RawValue) {
        let Ok(message) = serde_json::from_str::<SystemMessage>(json.get()) else { return };
        let Some(channel) = self.channels.get_mut(&id) else { return };
        channel.deliver(|interest| matches!(interest, Interest::System), || Item::System(message.clone()));
        let about_changes = message.extension == "postgres_changes";
        if message.status == "ok" {
            if about_changes && matches!(channel.state, State::Joined(_)) {
                self.confirmed(id);
            }
            return;
        }
        channel.last_error = Some(message.message.clone());
        if about_changes
            && channel.confirmed
            && let Some(join_ref) = channel.join_ref().map(str::to_owned)
        {
            // The channel is there, its changes are not. The server goes on trying, but not for ever.
            channel.confirmed = false;
            channel.gap_since.get_or_insert(self.last_heard);
            let wait = self.shared.options.changes_deadline;
            channel.set_status(ChannelStatus::Waiting { reason: message.message, wait });
            self.at(wait, Timer::Changes(id, join_ref));
            return;
        }
        if about_changes && !channel.waiters.is_empty() {
            // The server goes on trying by itself; who asked is told what stands in the way.
            let join_ref = channel.join_ref().map(str::to_owned);
            let topic = channel.topic.clone();
            let reference = self.reference();
            self.say_plain(join_ref.as_deref(), &reference, &topic, "phx_leave", "{}");
            self.refuse(id, Error::new(ErrorKind::InvalidInput, message.message));
        }
    }

    fn replied(&mut self, topic: &str, reference: Option<&str>, payload: &Payload) {
        #[derive(Deserialize)]
        struct Reply {
            status: String,
            #[serde(default)]
            response: Option<Box<RawValue>>,
        }
        let Some(reference) = reference else { return };
        let (ok, response) = match payload {
            Payload::Json(json) => match serde_json::from_str::<Reply>(json.get()) {
                Ok(reply) => (reply.status == "ok", reply.response),
                Err(_) => return,
            },
            Payload::Bytes(ok) => (*ok, None),
            Payload::Broadcast { .. } => return,
        };
        let response = response.as_ref().map_or("{}", |response| response.get());
        if topic == "phoenix" {
            if self.heartbeat.as_ref().is_some_and(|(sent, _)| sent == reference)
                && let Some((_, at)) = self.heartbeat.take()
            {
                self.attempt = 0;
                self.event(RealtimeEvent::HeartbeatAnswered(at.elapsed()));
            }
            return;
        }
        if let Some(pending) = self.pending.remove(reference) {
            let _ = pending.done.send(if ok { Ok(()) } else { Err(refusal(&reason_of(response))) });
            return;
        }
        let Some(&id) = self.topics.get(topic) else { return };
        let Some(channel) = self.channels.get_mut(&id) else { return };
        if channel.state != State::Joining(reference.to_owned()) {
            return;
        }
        if ok {
            return self.joined(id, reference, response);
        }
        let reason = reason_of(response);
        if channel.ever_confirmed || channel.waiters.is_empty() {
            channel.last_error = Some(reason);
            self.channel_lost(id, "the server refused the join");
        } else {
            self.refuse(id, refusal(&reason));
        }
    }
}

impl Drop for Actor {
    fn drop(&mut self) {
        // Reached with channels only when the runtime ends.
        for channel in self.channels.values() {
            channel.shared.close(&CloseReason::RuntimeEnded);
        }
        self.shared.state.send_replace(ConnectionState::Disconnected);
    }
}

fn broadcast(channel: &Chan, message: BroadcastMessage) -> bool {
    let message = Arc::new(message);
    channel.deliver(
        |interest| matches!(interest, Interest::Broadcast(event) if event.as_ref().is_none_or(|event| *event == message.event)),
        || Item::Broadcast(message.clone()),
    )
}

fn present(channel: &Chan, events: &[super::presence::PresenceEvent]) -> bool {
    let mut blocked = false;
    for event in events {
        blocked |= channel.deliver(|interest| matches!(interest, Interest::Presence), || Item::Presence(event.clone()));
    }
    blocked
}

fn changed(channel: &Chan, json: &RawValue) -> bool {
    #[derive(Deserialize)]
    struct Envelope {
        ids: Vec<i64>,
        data: Box<RawValue>,
    }
    #[derive(Deserialize)]
    struct Kind {
        #[serde(rename = "type")]
        kind: ChangeKind,
    }
    let Ok(Envelope { ids, data }) = serde_json::from_str(json.get()) else { return false };
    let Ok(Kind { kind }) = serde_json::from_str(data.get()) else { return false };
    let data: Arc<RawValue> = data.into();
    let wanted = |interest: &Interest| {
        let Interest::Change(index, only) = interest else { return false };
        let Some(binding) = channel.config.bindings.get(*index) else { return false };
        let Some(place) = channel.asked.iter().position(|asked| asked == binding) else { return false };
        channel.ids.get(place).is_some_and(|id| ids.contains(id)) && only.is_none_or(|only| only == kind)
    };
    channel.deliver(wanted, || Item::Change(data.clone()))
}

/// The ids of the reply, if it is about what was asked for: by position, and by what each says.
fn ids_of(response: &str, asked: &[Binding]) -> Option<Vec<i64>> {
    #[derive(Deserialize, Default)]
    struct Response {
        #[serde(default)]
        postgres_changes: Vec<Confirmed>,
    }
    #[derive(Deserialize)]
    struct Confirmed {
        id: i64,
        event: Option<String>,
        schema: Option<String>,
        table: Option<String>,
        filter: Option<String>,
    }
    let Response { postgres_changes } = serde_json::from_str(response).unwrap_or_default();
    if postgres_changes.len() < asked.len() {
        return None;
    }
    asked
        .iter()
        .zip(postgres_changes)
        .map(|(asked, confirmed)| {
            let same = confirmed.event.is_none_or(|event| event.eq_ignore_ascii_case(asked.event))
                && confirmed.schema.is_none_or(|schema| schema == asked.schema)
                && confirmed.table == asked.table
                && confirmed.filter == asked.filter;
            same.then_some(confirmed.id)
        })
        .collect()
}

fn reason_of(response: &str) -> String {
    let value: serde_json::Value = serde_json::from_str(response).unwrap_or_default();
    match value.get("reason").unwrap_or(&value) {
        serde_json::Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// The error of a reply that says no, by its code.
fn refusal(reason: &str) -> Error {
    let code = reason.split(':').next().unwrap_or_default();
    let kind = match code {
        "Unauthorized" | "PrivateOnly" => ErrorKind::PermissionDenied,
        "InvalidJWTToken" | "MalformedJWT" | "JwtSignatureError" | "JwtSignerError" => ErrorKind::Unauthenticated,
        "ChannelRateLimitReached" | "ConnectionRateLimitReached" | "ClientJoinRateLimitReached" => {
            ErrorKind::RateLimited
        }
        "TopicNameRequired" | "UnableToReplayMessages" | "payload_size_exceeded" => ErrorKind::InvalidInput,
        "RealtimeDisabledForTenant" | "TenantNotFound" => ErrorKind::NotFound,
        "TimeoutOnRpcCall" => ErrorKind::Timeout,
        "InitializingProjectConnection"
        | "DatabaseLackOfConnections"
        | "IncreaseConnectionPool"
        | "UnableToConnectToProject"
        | "RealtimeRestarting" => ErrorKind::Unavailable,
        _ => ErrorKind::Api,
    };
    Error::new(kind, reason)
}

async fn sleep_until(at: Option<Instant>) {
    match at {
        Some(at) => tokio::time::sleep_until(at).await,
        None => std::future::pending().await,
    }
}

async fn fetched(fetch: &mut Option<BoxFuture<'static, Result<String>>>) -> Result<String> {
    match fetch {
        Some(fetch) => fetch.await,
        None => std::future::pending().await,
    }
}

/// Writes what can be written, and reads one message unless reading is paused.
fn poll_link(
    link: &mut Link,
    outbox: &mut VecDeque<(Message, Option<OwnedSemaphorePermit>)>,
    flush: &mut bool,
    paused: bool,
    context: &mut Context<'_>,
) -> Poll<LinkEvent> {
    let broken = |error: &Error| Poll::Ready(LinkEvent::Lost(DisconnectReason::Broken(error.to_string())));
    let socket = match link {
        Link::Down => return Poll::Pending,
        Link::Connecting(connecting) => return connecting.as_mut().poll(context).map(LinkEvent::Opened),
        Link::Up(socket) => socket,
    };
    while !outbox.is_empty() {
        match socket.as_mut().poll_ready(context) {
            Poll::Ready(Ok(())) => {
                let Some((message, permit)) = outbox.pop_front() else { break };
                if let Err(error) = socket.as_mut().start_send(message) {
                    return broken(&error);
                }
                drop(permit);
                *flush = true;
            }
            Poll::Ready(Err(error)) => return broken(&error),
            Poll::Pending => break,
        }
    }
    if *flush {
        match socket.as_mut().poll_flush(context) {
            Poll::Ready(Ok(())) => *flush = false,
            Poll::Ready(Err(error)) => return broken(&error),
            Poll::Pending => {}
        }
    }
    if paused {
        return Poll::Pending;
    }
    match socket.as_mut().poll_next(context) {
        Poll::Ready(Some(Ok(message))) => Poll::Ready(LinkEvent::Received(message)),
        Poll::Ready(Some(Err(error))) => broken(&error),
        Poll::Ready(None) => Poll::Ready(LinkEvent::Lost(DisconnectReason::ServerClosed(String::new()))),
        Poll::Pending => Poll::Pending,
    }
}
