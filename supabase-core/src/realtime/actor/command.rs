//! What handles ask for.

use std::collections::VecDeque;
use std::sync::Arc;

use super::channel::{Chan, State};
use super::link::Link;
use super::timer::Timer;
use super::{Actor, Pending};
use crate::error::{Error, ErrorKind};
use crate::realtime::hub::{Binding, ChannelShared, Command, Done, lock};
use crate::realtime::status::{ChannelStatus, CloseReason, DisconnectReason, RealtimeEvent};

impl Actor {
    pub(super) async fn command(&mut self, command: Command) {
        match command {
            Command::Connect(done) => {
                self.wanted = true;
                self.stopped = false;
                if let Some(done) = done {
                    if self.is_up() {
                        let _ = done.send(Ok(()));
                    } else {
                        self.connect_waiters.push(done);
                    }
                }
                self.connect_now();
            }
            Command::Disconnect(done) => {
                self.wanted = false;
                self.stopped = true;
                self.close(DisconnectReason::Asked).await;
                // Nothing opens the socket that they wait for.
                for waiter in self.connect_waiters.drain(..) {
                    let why = "the socket was not opened: `disconnect` was called meanwhile";
                    let _ = waiter.send(Err(Error::new(ErrorKind::Offline, why)));
                }
                let _ = done.send(Ok(()));
            }
            Command::Join { channel, done } => self.join_command(channel, done),
            Command::Leave { id, done } => self.leave(id, done),
            Command::GiveUp { id } => self.give_up(id),
            Command::Say { id, say, reply, done, permit } => self.say_command(id, say, reply, done, permit),
            Command::Token => self.token_outdated(),
        }
    }

    pub(super) fn join_command(&mut self, shared: Arc<ChannelShared>, done: Option<Done>) {
        if let Some(channel) = self.channels.get_mut(&shared.id) {
            match done {
                Some(done) if channel.confirmed => drop(done.send(Ok(()))),
                Some(done) => channel.waiters.push(done),
                None => channel.started = true,
            }
            return;
        }
        let topic = format!("realtime:{}", shared.topic);
        let config = lock(&shared.config).clone();
        let mut asked: Vec<Binding> = Vec::new();
        for binding in &config.bindings {
            if !asked.contains(binding) {
                asked.push(binding.clone());
            }
        }
        let id = shared.id;
        let channel = Chan {
            shared,
            topic: topic.clone(),
            config,
            asked,
            ids: Vec::new(),
            state: State::Wanted,
            attempt: 0,
            confirmed: false,
            ever_confirmed: false,
            started: done.is_none(),
            waiters: done.into_iter().collect(),
            gap_since: None,
            tracked: None,
            queue: VecDeque::new(),
            last_error: None,
        };
        channel.set_status(ChannelStatus::Joining);
        self.topics.insert(topic, id);
        self.channels.insert(id, channel);
        self.stopped = false;
        self.idle_generation += 1;
        self.connect_now();
        if self.is_up() {
            self.fetch_token();
        }
    }

    /// Somebody waits for the channel no more. It is left unless somebody else wants it.
    pub(super) fn give_up(&mut self, id: u64) {
        let Some(channel) = self.channels.get_mut(&id) else { return };
        channel.waiters.retain(|waiter| !waiter.is_closed());
        if channel.waiters.is_empty() && !channel.is_kept() {
            self.leave(id, None);
        }
    }

    pub(super) fn leave(&mut self, id: u64, done: Option<Done>) {
        let Some(channel) = self.channels.remove(&id) else {
            if let Some(done) = done {
                let _ = done.send(Ok(()));
            }
            return;
        };
        self.forget_topic(id, &channel.topic);
        let (join_ref, topic) = (channel.join_ref().map(str::to_owned), channel.topic.clone());
        self.drop_channel(channel, &CloseReason::Left, None);
        match join_ref {
            Some(join_ref) if self.is_up() => {
                let reference = self.reference();
                self.say_plain(Some(&join_ref), &reference, &topic, "phx_leave", "{}");
                if let Some(done) = done {
                    let deadline = self.shared.options.reply_deadline;
                    self.at(deadline, Timer::Reply(reference.clone()));
                    self.pending.insert(reference, Pending { channel: 0, done });
                }
            }
            _ => {
                if let Some(done) = done {
                    let _ = done.send(Ok(()));
                }
            }
        }
        self.consider_idle();
    }

    /// The topic may have a new channel already.
    pub(super) fn forget_topic(&mut self, id: u64, topic: &str) {
        if self.topics.get(topic) == Some(&id) {
            self.topics.remove(topic);
        }
    }

    /// Ends everything that waits for a channel.
    pub(super) fn drop_channel(&mut self, channel: Chan, reason: &CloseReason, error: Option<Error>) {
        let id = channel.shared.id;
        channel.shared.close(reason);
        self.event(RealtimeEvent::ChannelClosed { topic: channel.shared.topic.clone(), reason: reason.clone() });
        let mut error = error;
        for waiter in channel.waiters {
            let error = error.take().unwrap_or_else(|| Error::new(ErrorKind::Offline, reason.to_string()));
            let _ = waiter.send(Err(error));
        }
        for queued in channel.queue {
            let _ = queued.done.send(Err(Error::new(ErrorKind::Offline, reason.to_string())));
        }
        let references: Vec<String> = self
            .pending
            .iter()
            .filter(|(_, pending)| pending.channel == id)
            .map(|(reference, _)| reference.clone())
            .collect();
        for pending in references.into_iter().filter_map(|reference| self.pending.remove(&reference)) {
            let _ = pending.done.send(Err(Error::new(ErrorKind::Offline, reason.to_string())));
        }
    }

    pub(super) fn consider_idle(&mut self) {
        if self.channels.is_empty() && !self.wanted && !matches!(self.link, Link::Down) {
            self.idle_generation += 1;
            if let Some(after) = self.shared.options.idle {
                self.at(after, Timer::Idle(self.idle_generation));
            }
        }
    }
}
