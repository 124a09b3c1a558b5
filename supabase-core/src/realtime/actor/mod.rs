//! The one task that owns the socket.
//!
//! It never waits for one thing alone: commands, the socket in both directions, the next timer, a
//! token and (where a subscriber asked for it) room in a mailbox are all looked at together, so that
//! neither a stalled socket nor a slow subscriber keeps it from noticing that the other end is gone.

mod access_token;
mod channel;
mod command;
mod delivery;
mod join;
mod link;
mod reply;
mod send;
mod timer;

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap, VecDeque};
use std::future::poll_fn;
use std::sync::Arc;
use std::time::SystemTime;

use tokio::sync::{OwnedSemaphorePermit, mpsc};
use tokio::time::Instant;

use super::connector::Message;
use super::hub::{Command, Done, HubShared, lock};
use super::status::{CloseReason, ConnectionState, DisconnectReason, RealtimeEvent, Severity};
use crate::error::Result;
use crate::token::TokenChanges;
use crate::transport::BoxFuture;
use access_token::fetched;
use channel::Chan;
use link::{Link, poll_link};
use timer::{Timer, sleep_until};

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
    /// When the socket was last left unread, because a subscriber had no room.
    last_paused: Option<Instant>,
    last_received: Option<Instant>,
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
            last_paused: None,
            last_received: None,
            idle_generation: 0,
        }
    }

    /// Lives until no handle is left.
    pub(crate) async fn run(mut self) {
        let mut was_paused = false;
        loop {
            let paused = self.blocked.is_some_and(|id| {
                self.channels
                    .get(&id)
                    .is_some_and(|channel| lock(&channel.shared.mailboxes).iter().any(|(_, mailbox)| mailbox.blocks()))
            });
            if !paused {
                self.blocked = None;
            }
            if paused || was_paused {
                self.last_paused = Some(Instant::now());
            }
            was_paused = paused;
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

    fn reference(&mut self) -> String {
        self.counter += 1;
        self.counter.to_string()
    }

    fn event(&self, event: RealtimeEvent) {
        match event.severity() {
            Severity::Debug => tracing::debug!(target: "supabase::realtime", "{event}"),
            Severity::Info => tracing::info!(target: "supabase::realtime", "{event}"),
            Severity::Warning => tracing::warn!(target: "supabase::realtime", "{event}"),
        }
        if let Some(log) = &self.shared.options.logger {
            log(&event);
        }
        // Nobody needs to listen.
        let _ = self.shared.events.send(event);
    }

    fn is_up(&self) -> bool {
        matches!(self.link, Link::Up(_))
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
