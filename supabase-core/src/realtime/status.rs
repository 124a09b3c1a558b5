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
    /// A channel is joined, or joined again.
    ChannelJoined {
        /// Its topic.
        topic: String,
    },
    /// A channel was lost or refused, and is asked for again after so long.
    ChannelLost {
        /// Its topic.
        topic: String,
        /// What the server said.
        reason: String,
        /// How long.
        wait: Duration,
    },
    /// A channel is over.
    ChannelClosed {
        /// Its topic.
        topic: String,
        /// Why.
        reason: CloseReason,
    },
}

/// How much an event matters: what a log is filtered by. Later ones matter more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Severity {
    /// What happens all the time.
    Debug,
    /// What an operator may want to follow.
    Info,
    /// Something went wrong; it is tried again.
    Warning,
}

impl RealtimeEvent {
    /// How much it matters.
    #[must_use]
    pub fn severity(&self) -> Severity {
        match self {
            Self::HeartbeatSent | Self::HeartbeatAnswered(_) => Severity::Debug,
            Self::Disconnected(DisconnectReason::Asked | DisconnectReason::Idle | DisconnectReason::HandlesGone)
            | Self::ChannelClosed { reason: CloseReason::Left, .. } => Severity::Info,
            Self::Connected | Self::TokenChanged | Self::ChannelJoined { .. } => Severity::Info,
            Self::Disconnected(_)
            | Self::HeartbeatMissed
            | Self::TokenFailed(_)
            | Self::ChannelLost { .. }
            | Self::ChannelClosed { .. } => Severity::Warning,
        }
    }
}

impl fmt::Display for DisconnectReason {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ConnectFailed(said) => write!(out, "it could not be opened: {said}"),
            Self::HeartbeatMissed => out.write_str("a heartbeat was not answered in time"),
            Self::ServerClosed(said) if said.is_empty() => out.write_str("the server closed it"),
            Self::ServerClosed(said) => write!(out, "the server closed it: {said}"),
            Self::Broken(said) => write!(out, "it broke: {said}"),
            Self::Asked => out.write_str("`disconnect` was called"),
            Self::Idle => out.write_str("no channel had been open for a while"),
            Self::HandlesGone => out.write_str("no handle was left"),
        }
    }
}

impl fmt::Display for RealtimeEvent {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Connected => out.write_str("the socket is open"),
            Self::Disconnected(reason) => write!(out, "the socket ended: {reason}"),
            Self::HeartbeatSent => out.write_str("a heartbeat was sent"),
            Self::HeartbeatAnswered(after) => write!(out, "a heartbeat was answered after {after:?}"),
            Self::HeartbeatMissed => out.write_str("a heartbeat was not answered in time"),
            Self::TokenChanged => out.write_str("another access token is in use"),
            Self::TokenFailed(said) => write!(out, "no access token could be had: {said}"),
            Self::ChannelJoined { topic } => write!(out, "channel `{topic}`: joined"),
            Self::ChannelLost { topic, reason, wait } => {
                write!(out, "channel `{topic}`: lost ({reason}), asked for again after {wait:?}")
            }
            Self::ChannelClosed { topic, reason } => write!(out, "channel `{topic}`: {reason}"),
        }
    }
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
