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
        self.timer_number += 1;
        self.timers.push(Reverse((Instant::now() + after, self.timer_number, timer)));
    }

    pub(super) async fn fire(&mut self, paused: bool) {
        let now = Instant::now();
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
}

pub(super) async fn sleep_until(at: Option<Instant>) {
    match at {
        Some(at) => tokio::time::sleep_until(at).await,
        None => std::future::pending().await,
    }
}
