//! What happens by itself after some time.

use std::cmp::Reverse;
use std::time::Duration;

use tokio::time::Instant;

use super::Actor;
use super::channel::State;
use crate::error::{Error, ErrorKind};
use crate::realtime::status::{ChannelStatus, DisconnectReason, RealtimeEvent};

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Timer {
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

impl Actor {
    pub(super) fn at(&mut self, after: Duration, timer: Timer) {
        self.postpone(Instant::now() + after, timer);
    }

    /// Until when an answer that is due now is waited for all the same: while the socket was not read, because a
    /// subscriber wanted it so, an answer may have come and lie unread. It counts as missing when the socket was read
    /// for as long as it may take.
    fn grace(&self, deadline: Duration) -> Option<Instant> {
        let until = self.last_paused? + deadline;
        (until > Instant::now()).then_some(until)
    }

    fn postpone(&mut self, until: Instant, timer: Timer) {
        self.timer_number += 1;
        self.timers.push(Reverse((until, self.timer_number, timer)));
    }

    pub(super) async fn fire(&mut self, paused: bool) {
        let now = Instant::now();
        if paused {
            self.last_paused = Some(now);
        }
        while let Some(Reverse((at, ..))) = self.timers.peek() {
            if *at > now {
                return;
            }
            let Some(Reverse((_, _, timer))) = self.timers.pop() else { return };
            self.fired(timer, paused).await;
        }
    }

    pub(super) async fn fired(&mut self, timer: Timer, paused: bool) {
        match timer {
            Timer::Connect(generation) if generation == self.generation => self.connect_now(),
            Timer::Heartbeat(generation) if generation == self.generation && self.is_up() => {
                // While nothing is read nothing is answered, and the server still wants to hear us.
                if self.heartbeat.is_none() || self.grace(self.shared.options.heartbeat_deadline).is_some() {
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
                if let Some(until) = self.grace(self.shared.options.heartbeat_deadline) {
                    self.postpone(until, Timer::HeartbeatDeadline(reference));
                } else {
                    self.event(RealtimeEvent::HeartbeatMissed);
                    self.lost(DisconnectReason::HeartbeatMissed);
                }
            }
            Timer::JoinDeadline(id, reference) => {
                let late =
                    self.channels.get(&id).is_some_and(|channel| channel.state == State::Joining(reference.clone()));
                if late {
                    match self.grace(self.shared.options.join_deadline) {
                        Some(until) => self.postpone(until, Timer::JoinDeadline(id, reference)),
                        None => self.channel_lost(id, "the server did not answer the join in time"),
                    }
                }
            }
            Timer::Changes(id, reference) => {
                let late = self
                    .channels
                    .get(&id)
                    .is_some_and(|channel| !channel.confirmed && channel.state == State::Joined(reference.clone()));
                if !late {
                    return;
                }
                if let Some(until) = self.grace(self.shared.options.changes_deadline) {
                    self.postpone(until, Timer::Changes(id, reference));
                } else {
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
                if !self.pending.contains_key(&reference) {
                    return;
                }
                let deadline = self.shared.options.reply_deadline;
                // Who waits for the reply may be the one who has to read before another frame can come: without any
                // progress this must have an end.
                let is_stuck = paused && self.last_received.is_none_or(|at| at.elapsed() >= deadline);
                let why = match self.grace(deadline) {
                    Some(until) if !is_stuck => return self.postpone(until, Timer::Reply(reference)),
                    Some(_) => {
                        "the socket was not read, since a stream with `Overflow::Block` is full, so it is not known what the \
                         server answered: read the stream meanwhile"
                    }
                    None => "the server did not answer on the channel in time",
                };
                if let Some(pending) = self.pending.remove(&reference) {
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
}

pub(super) async fn sleep_until(at: Option<Instant>) {
    match at {
        Some(at) => tokio::time::sleep_until(at).await,
        None => std::future::pending().await,
    }
}
