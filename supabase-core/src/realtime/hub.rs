//! What handles and the actor share: the way to the actor, and the state that handles read.

use std::collections::HashMap;
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use serde_json::{Value, json};
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore, broadcast, mpsc, oneshot, watch};

use super::actor::Actor;
use super::changes::ChangeKind;
use super::channel::ChannelHandle;
use super::mailbox::Mailbox;
use super::options::{Overflow, RealtimeOptions};
use super::presence::Tracker;
use super::protocol::Body;
use super::status::{ChannelStatus, CloseReason, ConnectionState, RealtimeEvent};
use crate::error::{Error, ErrorKind, Result};
use crate::token::{Token, TokenSource};

/// How many messages may wait to be written before senders wait.
const OUTSTANDING: usize = 256;

pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Row changes that the server is asked for when a channel joins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Binding {
    pub(crate) event: &'static str,
    pub(crate) schema: String,
    pub(crate) table: Option<String>,
    pub(crate) filter: Option<String>,
    pub(crate) select: Vec<String>,
}

impl Binding {
    pub(crate) fn to_json(&self) -> Value {
        let mut json = json!({ "event": self.event, "schema": self.schema });
        if let Some(table) = &self.table {
            json["table"] = json!(table);
        }
        if let Some(filter) = &self.filter {
            json["filter"] = json!(filter);
        }
        if !self.select.is_empty() {
            json["select"] = json!(self.select);
        }
        json
    }
}

/// What a stream of a channel wants to hear.
#[derive(Debug, Clone)]
pub(crate) enum Interest {
    /// Broadcasts, all or of one event.
    Broadcast(Option<String>),
    /// Changes of one of the channel's bindings, all or of one kind.
    Change(usize, Option<ChangeKind>),
    Presence,
    System,
}

/// How a channel joins.
#[derive(Debug, Clone)]
pub(crate) struct ChannelConfig {
    pub(crate) ack: bool,
    pub(crate) own: bool,
    pub(crate) replay: Option<(u64, Option<u32>)>,
    pub(crate) presence_key: String,
    pub(crate) presence: bool,
    pub(crate) private: bool,
    pub(crate) bindings: Vec<Binding>,
    pub(crate) wait: bool,
    pub(crate) buffer: usize,
    pub(crate) overflow: Overflow,
    /// The server has been asked: the settings above are fixed.
    pub(crate) started: bool,
    pub(crate) refusal: Option<String>,
}

impl ChannelConfig {
    pub(crate) fn new(options: &RealtimeOptions) -> Self {
        Self {
            ack: false,
            own: false,
            replay: None,
            presence_key: String::new(),
            presence: false,
            private: false,
            bindings: Vec::new(),
            wait: true,
            buffer: options.buffer,
            overflow: options.overflow,
            started: false,
            refusal: None,
        }
    }
}

/// What a channel's handles and the actor share.
#[derive(Debug)]
pub(crate) struct ChannelShared {
    pub(crate) id: u64,
    /// Without `realtime:`.
    pub(crate) topic: String,
    pub(crate) config: Mutex<ChannelConfig>,
    pub(crate) status: watch::Sender<ChannelStatus>,
    pub(crate) mailboxes: Mutex<Vec<(Interest, Arc<Mailbox>)>>,
    pub(crate) presence: Mutex<Tracker>,
    pub(crate) room: Arc<Notify>,
}

impl ChannelShared {
    /// Ends every stream, and lets the channel be set up anew.
    pub(crate) fn close(&self, reason: &CloseReason) {
        lock(&self.config).started = false;
        for (_, mailbox) in lock(&self.mailboxes).drain(..) {
            mailbox.close(reason.clone());
        }
        self.status.send_replace(ChannelStatus::Closed(reason.clone()));
    }
}

/// Something to say on a channel.
#[derive(Debug)]
pub(crate) enum Say {
    Broadcast {
        event: String,
        body: Body,
        /// JSON text beside the body, or nothing.
        meta: String,
    },
    /// The payload of the presence event; what to track from now on.
    Presence { payload: String, tracked: Option<String> },
}

pub(crate) type Done = oneshot::Sender<Result<()>>;

/// What handles ask the actor for.
pub(crate) enum Command {
    Connect(Option<Done>),
    Disconnect(Done),
    Join {
        channel: Arc<ChannelShared>,
        done: Option<Done>,
    },
    Leave {
        id: u64,
        done: Option<Done>,
    },
    /// Who waited for a channel waits no more.
    GiveUp {
        id: u64,
    },
    Say {
        id: u64,
        say: Say,
        reply: bool,
        done: Done,
        permit: OwnedSemaphorePermit,
    },
    Token,
}

/// What the actor and the hub share.
pub(crate) struct HubShared {
    pub(crate) options: RealtimeOptions,
    pub(crate) url: String,
    pub(crate) key: Token,
    pub(crate) tokens: TokenSource,
    pub(crate) state: watch::Sender<ConnectionState>,
    pub(crate) events: broadcast::Sender<RealtimeEvent>,
    pub(crate) room: Arc<Notify>,
    /// A token that was set by hand stays.
    pub(crate) manual: Mutex<Option<String>>,
}

/// The way to the actor.
pub(crate) struct Hub {
    commands: Mutex<Option<mpsc::UnboundedSender<Command>>>,
    pub(crate) channels: Mutex<HashMap<String, Weak<ChannelHandle>>>,
    next_id: AtomicU64,
    permits: Arc<Semaphore>,
    pub(crate) shared: Arc<HubShared>,
}

impl fmt::Debug for Hub {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Hub").field("state", &*self.shared.state.borrow()).finish_non_exhaustive()
    }
}

impl Hub {
    pub(crate) fn new(url: &str, key: Token, tokens: TokenSource, options: RealtimeOptions) -> Arc<Self> {
        // `http` becomes `ws`, and `https` becomes `wss`.
        let url = format!("ws{}/realtime/v1/websocket", url.strip_prefix("http").unwrap_or(url));
        Arc::new(Self {
            commands: Mutex::new(None),
            channels: Mutex::new(HashMap::new()),
            next_id: AtomicU64::new(1),
            permits: Arc::new(Semaphore::new(OUTSTANDING)),
            shared: Arc::new(HubShared {
                options,
                url,
                key,
                tokens,
                state: watch::Sender::default(),
                events: broadcast::Sender::new(256),
                room: Arc::new(Notify::new()),
                manual: Mutex::new(None),
            }),
        })
    }

    pub(crate) fn next_id(&self) -> u64 {
        self.next_id.fetch_add(1, Ordering::Relaxed)
    }

    /// Hands a command to the actor, and starts one where there is none: the first time, and when
    /// the runtime of the last one has ended.
    pub(crate) fn send(&self, command: Command) -> Result<()> {
        let mut place = lock(&self.commands);
        let command = match &*place {
            Some(commands) => match commands.send(command) {
                Ok(()) => return Ok(()),
                Err(back) => back.0,
            },
            None => command,
        };
        let runtime = tokio::runtime::Handle::try_current()
            .map_err(|_| Error::new(ErrorKind::Config, "realtime needs a tokio runtime: call this from async code"))?;
        let (sender, receiver) = mpsc::unbounded_channel();
        runtime.spawn(Actor::new(self.shared.clone(), receiver).run());
        // The receiver lives in the task that was just spawned.
        let _ = sender.send(command);
        *place = Some(sender);
        Ok(())
    }

    /// The same where there may be no actor any more: then there is nothing to do.
    pub(crate) fn tell(&self, command: Command) {
        if let Some(commands) = &*lock(&self.commands) {
            let _ = commands.send(command);
        }
    }

    pub(crate) async fn permit(&self) -> Result<OwnedSemaphorePermit> {
        self.permits.clone().acquire_owned().await.map_err(|_| gone())
    }
}

/// The actor ended before it answered.
pub(crate) fn gone() -> Error {
    Error::new(ErrorKind::Offline, "the runtime that realtime lived on has ended")
}
