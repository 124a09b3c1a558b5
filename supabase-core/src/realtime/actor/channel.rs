//! A channel as the actor keeps it.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::SystemTime;

use tokio::sync::OwnedSemaphorePermit;

use crate::realtime::hub::{Binding, ChannelConfig, ChannelShared, Done, Interest, Say, lock};
use crate::realtime::mailbox::Item;
use crate::realtime::status::ChannelStatus;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum State {
    /// To be joined as soon as there is a socket and a token.
    Wanted,
    /// The server has been asked.
    Joining(String),
    Joined(String),
    /// The server said no; it is asked again when the timer of this attempt fires.
    Refused,
}

pub(super) struct Queued {
    pub(super) number: u64,
    pub(super) say: Say,
    pub(super) reply: bool,
    pub(super) done: Done,
    pub(super) permit: OwnedSemaphorePermit,
}

pub(super) struct Chan {
    pub(super) shared: Arc<ChannelShared>,
    /// With `realtime:`.
    pub(super) topic: String,
    pub(super) config: ChannelConfig,
    /// What the server is asked for: the bindings without repetitions.
    pub(super) asked: Vec<Binding>,
    /// The server's ids, one for each of `asked`.
    pub(super) ids: Vec<i64>,
    pub(super) state: State,
    pub(super) attempt: u32,
    pub(super) confirmed: bool,
    pub(super) ever_confirmed: bool,
    /// `start` was called: it is tried for ever.
    pub(super) started: bool,
    pub(super) waiters: Vec<Done>,
    pub(super) gap_since: Option<SystemTime>,
    pub(super) tracked: Option<String>,
    pub(super) queue: VecDeque<Queued>,
    pub(super) last_error: Option<String>,
}

impl Chan {
    pub(super) fn join_ref(&self) -> Option<&str> {
        match &self.state {
            State::Joining(reference) | State::Joined(reference) => Some(reference),
            State::Wanted | State::Refused => None,
        }
    }

    /// Whether it is asked for again whatever the server says: somebody has it, or wants it without
    /// waiting for it.
    pub(super) fn is_kept(&self) -> bool {
        self.ever_confirmed || self.started
    }

    pub(super) fn set_status(&self, status: ChannelStatus) {
        self.shared.status.send_if_modified(|now| {
            let differs = *now != status;
            *now = status;
            differs
        });
    }

    pub(super) fn deliver(&self, wanted: impl Fn(&Interest) -> bool, item: impl Fn() -> Item) -> bool {
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
