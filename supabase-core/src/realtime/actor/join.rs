//! Joining a channel, and what becomes of it.

use std::time::{Duration, SystemTime};

use serde::Deserialize;
use serde_json::json;

use super::Actor;
use super::channel::State;
use super::timer::Timer;
use crate::error::{Error, ErrorKind};
use crate::realtime::hub::{Binding, Say, lock};
use crate::realtime::mailbox::Item;
use crate::realtime::status::{ChannelStatus, CloseReason, Gap, RealtimeEvent};

/// How long a channel waits after the server said that there are too many.
pub(super) const RATE_LIMITED: Duration = Duration::from_secs(30);

impl Actor {
    pub(super) fn join(&mut self, id: u64, token: &str) {
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

    pub(super) fn joined(&mut self, id: u64, join_ref: &str, response: &str) {
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
        // What is still to be said comes below, and says the same or something newer.
        let is_queued = channel.queue.iter().any(|queued| matches!(queued.say, Say::Presence { .. }));
        let tracked = channel.tracked.clone().filter(|_| !is_queued);
        let topic = channel.topic.clone();
        if let Some(payload) = tracked {
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
    pub(super) fn confirmed(&mut self, id: u64) {
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
        let topic = channel.shared.topic.clone();
        self.event(RealtimeEvent::ChannelJoined { topic });
    }

    /// The server ended the channel, or would not begin it: it is asked again later.
    pub(super) fn channel_lost(&mut self, id: u64, why: &str) {
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
        channel.set_status(ChannelStatus::Waiting { reason: reason.clone(), wait });
        let topic = channel.shared.topic.clone();
        self.event(RealtimeEvent::ChannelLost { topic, reason, wait });
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

    /// Tells those who wait for the channel why it cannot be had now. One that nobody has had, and that
    /// nobody has started, is over then.
    pub(super) fn turn_down(&mut self, id: u64, error: Error) {
        match self.channels.get_mut(&id) {
            Some(channel) if channel.is_kept() => {
                for waiter in channel.waiters.drain(..) {
                    let _ = waiter.send(Err(Error::new(error.kind(), error.to_string())));
                }
            }
            _ => self.refuse(id, error),
        }
    }

    /// The first subscription failed: the channel is over.
    fn refuse(&mut self, id: u64, error: Error) {
        if let Some(channel) = self.channels.remove(&id) {
            self.forget_topic(id, &channel.topic);
            self.drop_channel(channel, &CloseReason::Refused(error.to_string()), Some(error));
        }
        self.consider_idle();
    }
}

/// The ids of the reply, if it is about what was asked for: by position, and by what each says.
pub(super) fn ids_of(response: &str, asked: &[Binding]) -> Option<Vec<i64>> {
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
