//! What is said to the server.

use tokio::sync::OwnedSemaphorePermit;

use super::channel::{Queued, State};
use super::timer::Timer;
use super::{Actor, Pending};
use crate::error::{Error, ErrorKind};
use crate::realtime::hub::{Done, Say};
use crate::realtime::protocol::{self, Event, Outgoing};

impl Actor {
    pub(super) fn say_plain(
        &mut self,
        join_ref: Option<&str>,
        reference: &str,
        topic: &str,
        event: &str,
        payload: &str,
    ) {
        let out = Outgoing { join_ref, reference, topic, event: Event::Plain(event, payload) };
        if let Ok(message) = protocol::encode(self.shared.options.version, &out) {
            self.outbox.push_back((message, None));
        }
    }

    pub(super) fn say_command(&mut self, id: u64, say: Say, reply: bool, done: Done, permit: OwnedSemaphorePermit) {
        self.timer_number += 1;
        let number = self.timer_number;
        let Some(channel) = self.channels.get_mut(&id) else {
            let why = "the channel is not subscribed: call `.subscribe()` before, or send over HTTP";
            let _ = done.send(Err(Error::new(ErrorKind::Refused, why)));
            return;
        };
        if let Say::Presence { tracked, .. } = &say {
            channel.tracked.clone_from(tracked);
        }
        channel.queue.push_back(Queued { number, say, reply, done, permit });
        if matches!(channel.state, State::Joined(_)) && self.is_up() {
            self.flush_queue(id);
        } else {
            let deadline = self.shared.options.reply_deadline;
            self.at(deadline, Timer::Waiting(id, number));
        }
    }

    pub(super) fn flush_queue(&mut self, id: u64) {
        let version = self.shared.options.version;
        loop {
            let reference = (self.counter + 1).to_string();
            let Some(channel) = self.channels.get_mut(&id) else { return };
            let State::Joined(join_ref) = &channel.state else { return };
            let Some(Queued { say, reply, done, permit, .. }) = channel.queue.pop_front() else { return };
            let event = match &say {
                Say::Broadcast { event, body, meta } => Event::Broadcast(event, body, meta),
                Say::Presence { payload, .. } => Event::Plain("presence", payload),
            };
            let out = Outgoing { join_ref: Some(join_ref), reference: &reference, topic: &channel.topic, event };
            match protocol::encode(version, &out) {
                Err(why) => {
                    let _ = done.send(Err(Error::new(ErrorKind::Refused, why)));
                }
                Ok(message) => {
                    self.counter += 1;
                    self.outbox.push_back((message, Some(permit)));
                    if reply {
                        let deadline = self.shared.options.reply_deadline;
                        self.at(deadline, Timer::Reply(reference.clone()));
                        self.pending.insert(reference, Pending { channel: id, done });
                    } else {
                        let _ = done.send(Ok(()));
                    }
                }
            }
        }
    }
}
