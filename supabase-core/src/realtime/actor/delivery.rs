//! What the server says of its own accord, and who gets it.

use std::sync::Arc;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::Actor;
use super::channel::{Chan, State};
use super::timer::Timer;
use crate::error::{Error, ErrorKind};
use crate::realtime::broadcast::BroadcastMessage;
use crate::realtime::changes::ChangeKind;
use crate::realtime::hub::{Interest, lock};
use crate::realtime::mailbox::Item;
use crate::realtime::presence::PresenceEvent;
use crate::realtime::protocol::{Incoming, Payload};
use crate::realtime::status::{ChannelStatus, SystemMessage};

impl Actor {
    pub(super) fn received(&mut self, incoming: Incoming) {
        let Incoming { join_ref, reference, topic, event, payload } = incoming;
        if event == "phx_reply" {
            return self.replied(&topic, reference.as_deref(), &payload);
        }
        let Some(&id) = self.topics.get(&topic) else { return };
        let Some(channel) = self.channels.get_mut(&id) else { return };
        let closing = matches!(event.as_str(), "phx_close" | "phx_error");
        // Version 1 has no join_ref; there the ref of an end is the join's.
        let about = join_ref.as_deref().or(if closing { reference.as_deref() } else { None });
        if about.is_some() && about != channel.join_ref() {
            return;
        }
        if closing {
            let why =
                if event == "phx_close" { "the server closed the channel" } else { "the channel failed on the server" };
            return self.channel_lost(id, why);
        }
        let blocked = match payload {
            Payload::Json(json) => match event.as_str() {
                "broadcast" => match BroadcastMessage::from_json(&json) {
                    Some(message) => broadcast(channel, message),
                    None => false,
                },
                "postgres_changes" => changed(channel, &json),
                "presence_state" => {
                    let events = lock(&channel.shared.presence).sync(json.get());
                    present(channel, &events)
                }
                "presence_diff" => {
                    let events = lock(&channel.shared.presence).diff(json.get());
                    present(channel, &events)
                }
                "system" => return self.told(id, &json),
                _ => false,
            },
            Payload::Broadcast { event, meta, body } => {
                broadcast(channel, BroadcastMessage::from_parts(event, meta.as_deref(), body))
            }
            Payload::Bytes(_) => false,
        };
        if blocked {
            self.blocked = Some(id);
        }
    }

    pub(super) fn told(&mut self, id: u64, json: &RawValue) {
        let Ok(message) = serde_json::from_str::<SystemMessage>(json.get()) else { return };
        let Some(channel) = self.channels.get_mut(&id) else { return };
        channel.deliver(|interest| matches!(interest, Interest::System), || Item::System(message.clone()));
        let about_changes = message.extension == "postgres_changes";
        if message.status == "ok" {
            if about_changes && matches!(channel.state, State::Joined(_)) {
                self.confirmed(id);
            }
            return;
        }
        channel.last_error = Some(message.message.clone());
        if about_changes
            && channel.confirmed
            && let Some(join_ref) = channel.join_ref().map(str::to_owned)
        {
            // The channel is there, its changes are not. The server goes on trying, but not for ever.
            channel.confirmed = false;
            channel.gap_since.get_or_insert(self.last_heard);
            let wait = self.shared.options.changes_deadline;
            channel.set_status(ChannelStatus::Waiting { reason: message.message, wait });
            self.at(wait, Timer::Changes(id, join_ref));
            return;
        }
        if about_changes && !channel.waiters.is_empty() {
            // The server goes on trying by itself; who asked is told what stands in the way.
            if !channel.is_kept() {
                let join_ref = channel.join_ref().map(str::to_owned);
                let topic = channel.topic.clone();
                let reference = self.reference();
                self.say_plain(join_ref.as_deref(), &reference, &topic, "phx_leave", "{}");
            }
            self.turn_down(id, Error::new(ErrorKind::InvalidInput, message.message));
        }
    }
}

pub(super) fn broadcast(channel: &Chan, message: BroadcastMessage) -> bool {
    let message = Arc::new(message);
    channel.deliver(
        |interest| matches!(interest, Interest::Broadcast(event) if event.as_ref().is_none_or(|event| *event == message.event)),
        || Item::Broadcast(message.clone()),
    )
}

pub(super) fn present(channel: &Chan, events: &[PresenceEvent]) -> bool {
    let mut blocked = false;
    for event in events {
        blocked |= channel.deliver(|interest| matches!(interest, Interest::Presence), || Item::Presence(event.clone()));
    }
    blocked
}

pub(super) fn changed(channel: &Chan, json: &RawValue) -> bool {
    #[derive(Deserialize)]
    struct Envelope {
        ids: Vec<i64>,
        data: Box<RawValue>,
    }
    #[derive(Deserialize)]
    struct Kind {
        #[serde(rename = "type")]
        kind: ChangeKind,
    }
    let Ok(Envelope { ids, data }) = serde_json::from_str(json.get()) else { return false };
    let Ok(Kind { kind }) = serde_json::from_str(data.get()) else { return false };
    let data: Arc<RawValue> = data.into();
    let wanted = |interest: &Interest| {
        let Interest::Change(index, only) = interest else { return false };
        let Some(binding) = channel.config.bindings.get(*index) else { return false };
        let Some(place) = channel.asked.iter().position(|asked| asked == binding) else { return false };
        channel.ids.get(place).is_some_and(|id| ids.contains(id)) && only.is_none_or(|only| only == kind)
    };
    channel.deliver(wanted, || Item::Change(data.clone()))
}
