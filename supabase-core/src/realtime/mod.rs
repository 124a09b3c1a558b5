//! Realtime: broadcast, presence, and the changes of rows, over one socket.
//!
//! ```no_run
//! # async fn example(supabase: supabase_core::Client) -> supabase_core::Result<()> {
//! use futures_util::StreamExt;
//!
//! let room = supabase.channel("room1").presence_key("ann");
//! let mut people = room.on_presence();
//! room.subscribe().await?;
//! room.track(&serde_json::json!({ "name": "Ann" })).await?;
//! while let Some(event) = people.next().await {
//!     println!("{:?}", event?);
//! #   break;
//! }
//! # Ok(()) }
//! ```
//!
//! One task owns the socket and every channel on it. It notices when the other end is gone
//! (heartbeats have a deadline), opens the socket again for ever, joins every channel again with a
//! fresh token, is present again, and tells every stream with a [`Gap`] of which time nothing is
//! known. It ends when the last handle is dropped.

mod actor;
mod broadcast;
mod changes;
mod channel;
mod connector;
mod http;
mod hub;
mod listener;
mod mailbox;
mod options;
mod partial;
mod presence;
mod protocol;
mod status;
mod token;
mod watch;

#[cfg(test)]
mod tests;

pub use broadcast::{Broadcast, BroadcastMessage};
pub use changes::{AnyChange, AnyChanges, Change, ChangeKind, Changes, OnAnyChanges, OnChanges, RowChange};
pub use channel::{Broadcasts, Channel, PresenceEvents, SystemMessages};
pub use connector::{BoxSocket, ConnectRequest, Connector, Message, Socket, WebSocket};
pub use http::{BroadcastBatch, HttpBroadcast};
pub use listener::{Listener, each};
pub use options::{Overflow, RealtimeOptions};
pub use partial::{Cell, PartialRow};
pub use presence::{Presence, PresenceEvent, PresenceState};
pub use protocol::Version;
pub use status::{
    ChannelStatus, CloseReason, ConnectionState, DisconnectReason, Gap, RealtimeEvent, Severity, SystemMessage,
};
pub use watch::{Watch, WatchCause, WatchEvent};

pub(crate) use hub::Hub;

use futures_util::Stream;
use tokio::sync::{broadcast as events, oneshot, watch as watched};

use crate::client::Client;
use crate::error::Result;
use hub::{Command, gone, lock};

impl Client {
    /// The socket that every channel of this client shares.
    #[must_use]
    pub fn realtime(&self) -> Realtime {
        Realtime { client: self.clone() }
    }

    /// The channel of this topic: the one that there is, or a new one. It is joined by
    /// [`Channel::subscribe`].
    pub fn channel(&self, topic: &str) -> Channel {
        Channel::of(self, topic)
    }
}

/// The socket of a client, made by [`Client::realtime`].
#[derive(Debug, Clone)]
pub struct Realtime {
    client: Client,
}

impl Realtime {
    /// Opens the socket and keeps it open, also without a channel. Subscribing opens it too.
    ///
    /// # Errors
    /// When the server says that the key or the project is wrong. An unreachable server is tried
    /// again for ever: give this a timeout to stop waiting.
    pub async fn connect(&self) -> Result<()> {
        let (done, answered) = oneshot::channel();
        self.client.hub().send(Command::Connect(Some(done)))?;
        answered.await.unwrap_or_else(|_| Err(gone()))
    }

    /// Closes the socket until something is subscribed or `connect` is called. Channels stay, and
    /// are joined again then.
    pub async fn disconnect(&self) {
        let (done, answered) = oneshot::channel();
        self.client.hub().tell(Command::Disconnect(done));
        // Without an actor there is no socket.
        let _ = answered.await;
    }

    /// The state of the socket.
    #[must_use]
    pub fn state(&self) -> ConnectionState {
        self.client.hub().shared.state.borrow().clone()
    }

    /// The states of the socket from now on, beginning with the present one.
    pub fn states(&self) -> impl Stream<Item = ConnectionState> + Send + use<> {
        changes_of(self.client.hub().shared.state.subscribe())
    }

    /// What happens to the socket from now on: heartbeats, ends and beginnings, tokens. Who reads too
    /// slowly misses the oldest.
    pub fn events(&self) -> impl Stream<Item = RealtimeEvent> + Send + use<> {
        let receiver = self.client.hub().shared.events.subscribe();
        futures_util::stream::unfold(receiver, |mut receiver| async move {
            loop {
                match receiver.recv().await {
                    Ok(event) => return Some((event, receiver)),
                    Err(events::error::RecvError::Lagged(_)) => {}
                    Err(events::error::RecvError::Closed) => return None,
                }
            }
        })
    }

    /// Every channel that somebody holds.
    #[must_use]
    pub fn channels(&self) -> Vec<Channel> {
        let mut channels: Vec<Channel> = lock(&self.client.hub().channels)
            .values()
            .filter_map(std::sync::Weak::upgrade)
            .map(|handle| Channel { client: self.client.clone(), handle })
            .collect();
        channels.sort_by_key(|channel| channel.handle.shared.id);
        channels
    }

    /// Leaves a channel.
    ///
    /// # Errors
    /// See [`Channel::unsubscribe`].
    pub async fn remove_channel(&self, channel: Channel) -> Result<()> {
        let left = channel.unsubscribe().await;
        lock(&self.client.hub().channels).remove(channel.topic());
        left
    }

    /// Leaves every channel.
    ///
    /// # Errors
    /// The first of those that leaving the channels gave; all are left all the same.
    pub async fn remove_all_channels(&self) -> Result<()> {
        let mut all = Ok(());
        for channel in self.channels() {
            let left = self.remove_channel(channel).await;
            if all.is_ok() {
                all = left;
            }
        }
        all
    }

    /// Uses this token, whoever signs in or out, until it is given back with `None`: then the
    /// client's own is used again.
    pub fn set_auth<'t>(&self, token: impl Into<Option<&'t str>>) {
        let hub = self.client.hub();
        *lock(&hub.shared.manual) = token.into().map(str::to_owned);
        hub.tell(Command::Token);
    }

    /// Several broadcasts in one HTTP request.
    pub fn broadcast(&self) -> BroadcastBatch {
        BroadcastBatch::new(self.client.clone())
    }
}

/// The values of a watch channel, beginning with the present one.
pub(crate) fn changes_of<T: Clone + Send + Sync + 'static>(
    receiver: watched::Receiver<T>,
) -> impl Stream<Item = T> + Send + 'static {
    futures_util::stream::unfold((receiver, true), |(mut receiver, first)| async move {
        if !first {
            receiver.changed().await.ok()?;
        }
        let value = receiver.borrow_and_update().clone();
        Some((value, (receiver, false)))
    })
}
