//! What is told about the socket and its channels.

use std::fmt;
use std::time::{Duration, SystemTime};

use serde::Deserialize;

/// The state of the socket.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum ConnectionState {
    /// There is none, and none is wanted.
    #[default]
    Disconnected,
    /// It is being opened.
    Connecting,
    /// It is open.
    Connected,
    /// It was lost, and will be opened again after so long.
    Waiting {
        /// Why it was lost.
        reason: DisconnectReason,
        /// How long.
        wait: Duration,
    },
}

/// Why the socket ended.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum DisconnectReason {
    /// It could not be opened; what was said.
    ConnectFailed(String),
    /// A heartbeat was not answered in time: the other end is gone, or what is between.
    HeartbeatMissed,
    /// The server closed it; what it said.
    ServerClosed(String),
    /// It broke; what the system said.
    Broken(String),
    /// `disconnect` was called.
    Asked,
    /// No channel had been open for a while.
    Idle,
    /// No handle is left: not of the client, not of a channel.
    HandlesGone,
}

/// Something that happened to the socket.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum RealtimeEvent {
    /// The socket is open.
    Connected,
    /// The socket ended.
    Disconnected(DisconnectReason),
    /// A heartbeat was sent.
    HeartbeatSent,
    /// A heartbeat was answered, after so long.
    HeartbeatAnswered(Duration),
    /// A heartbeat was not answered in time.
    HeartbeatMissed,
    /// Another access token is in use now.
    TokenChanged,
    /// No access token could be had; what was said. It is asked for again.
    TokenFailed(String),
}

/// The state of a channel.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum ChannelStatus {
    /// Not subscribed yet.
    #[default]
    Idle,
    /// The server has been asked, or will be as soon as there is a socket.
    Joining,
    /// The server has confirmed.
    Joined,
    /// The server said no, or closed the channel; it is asked again after so long.
    Waiting {
        /// What the server said.
        reason: String,
        /// How long.
        wait: Duration,
    },
    /// It is over.
    Closed(CloseReason),
}

/// Why a channel is over.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum CloseReason {
    /// It was left.
    Left,
    /// The server refused it the first time; what it said.
    Refused(String),
    /// The runtime that it lived on has ended.
    RuntimeEnded,
}

impl fmt::Display for CloseReason {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Left => out.write_str("the channel was left"),
            Self::Refused(reason) => write!(out, "the server refused the channel: {reason}"),
            Self::RuntimeEnded => out.write_str("the runtime that the channel lived on has ended"),
        }
    }
}

/// A span of time of which nothing is known: what was sent meanwhile may have been missed. Read
/// again what matters.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Gap {
    /// When the server was last heard.
    pub since: SystemTime,
    /// When it confirmed the channel again.
    pub until: SystemTime,
}

/// What the server says about a channel.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[non_exhaustive]
pub struct SystemMessage {
    /// Which part says it: `postgres_changes`, `system`.
    #[serde(default)]
    pub extension: String,
    /// `ok` or `error`.
    #[serde(default)]
    pub status: String,
    /// What it says.
    #[serde(default)]
    pub message: String,
}
