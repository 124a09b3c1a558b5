//! What of the service may be set.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// Settings of the realtime service. Its limits are off unless they are set, so that tests do not trip over them; the
/// figures of a self-hosted server stand beside each.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct RealtimeSettings {
    /// How many sockets there may be (200). One more is refused with 429.
    pub max_sockets: Option<usize>,
    /// How many channels a socket may join (100).
    pub max_channels_per_socket: Option<usize>,
    /// How often channels may be joined in a second (100). Who goes on loses the socket.
    pub max_joins_per_second: Option<usize>,
    /// How many broadcasts there may be in a second (100). Over the socket the channel is closed, over HTTP the
    /// request refused.
    pub max_messages_per_second: Option<usize>,
    /// How often a channel may track and untrack in 30 seconds (5). Then it is closed.
    pub max_presence_calls: Option<usize>,
    /// Of a row of more bytes than this (1 MiB, also unless set) only the short values are sent.
    pub max_record_bytes: usize,
}

impl Default for RealtimeSettings {
    fn default() -> Self {
        Self {
            max_sockets: None,
            max_channels_per_socket: None,
            max_joins_per_second: None,
            max_messages_per_second: None,
            max_presence_calls: None,
            max_record_bytes: 1 << 20,
        }
    }
}

/// How often something has happened lately.
#[derive(Debug, Default)]
pub(super) struct Rate(VecDeque<Instant>);

impl Rate {
    /// Notes that it happens now; whether that is once too often.
    pub(super) fn exceeds(&mut self, most: Option<usize>, within: Duration) -> bool {
        let Some(most) = most else { return false };
        let now = Instant::now();
        while self.0.front().is_some_and(|at| now.duration_since(*at) >= within) {
            self.0.pop_front();
        }
        if self.0.len() >= most {
            return true;
        }
        self.0.push_back(now);
        false
    }
}
