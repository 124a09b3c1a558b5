//! What the server answers.

use serde::Deserialize;
use serde_json::value::RawValue;

use super::Actor;
use super::channel::State;
use crate::error::{Error, ErrorKind};
use crate::realtime::protocol::Payload;
use crate::realtime::status::RealtimeEvent;

impl Actor {
    pub(super) fn replied(&mut self, topic: &str, reference: Option<&str>, payload: &Payload) {
        #[derive(Deserialize)]
        struct Reply {
            status: String,
            #[serde(default)]
            response: Option<Box<RawValue>>,
        }
        let Some(reference) = reference else { return };
        let (ok, response) = match payload {
            Payload::Json(json) => match serde_json::from_str::<Reply>(json.get()) {
                Ok(reply) => (reply.status == "ok", reply.response),
                Err(_) => return,
            },
            Payload::Bytes(ok) => (*ok, None),
            Payload::Broadcast { .. } => return,
        };
        let response = response.as_ref().map_or("{}", |response| response.get());
        if topic == "phoenix" {
            if self.heartbeat.as_ref().is_some_and(|(sent, _)| sent == reference)
                && let Some((_, at)) = self.heartbeat.take()
            {
                self.attempt = 0;
                self.event(RealtimeEvent::HeartbeatAnswered(at.elapsed()));
            }
            return;
        }
        if let Some(pending) = self.pending.remove(reference) {
            let _ = pending.done.send(if ok { Ok(()) } else { Err(refusal(&reason_of(response))) });
            return;
        }
        let Some(&id) = self.topics.get(topic) else { return };
        let Some(channel) = self.channels.get_mut(&id) else { return };
        if channel.state != State::Joining(reference.to_owned()) {
            return;
        }
        if ok {
            return self.joined(id, reference, response);
        }
        let reason = reason_of(response);
        channel.last_error = Some(reason.clone());
        let is_awaited = !channel.waiters.is_empty();
        if channel.is_kept() || !is_awaited {
            self.channel_lost(id, "the server refused the join");
        }
        if is_awaited {
            self.turn_down(id, refusal(&reason));
        }
    }
}

pub(super) fn reason_of(response: &str) -> String {
    let value: serde_json::Value = serde_json::from_str(response).unwrap_or_default();
    match value.get("reason").unwrap_or(&value) {
        serde_json::Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// The error of a reply that says no, by its code.
pub(super) fn refusal(reason: &str) -> Error {
    let code = reason.split(':').next().unwrap_or_default();
    let kind = match code {
        "Unauthorized" | "PrivateOnly" => ErrorKind::PermissionDenied,
        "InvalidJWTToken" | "MalformedJWT" | "JwtSignatureError" | "JwtSignerError" => ErrorKind::Unauthenticated,
        "ChannelRateLimitReached" | "ConnectionRateLimitReached" | "ClientJoinRateLimitReached" => {
            ErrorKind::RateLimited
        }
        "TopicNameRequired" | "UnableToReplayMessages" | "payload_size_exceeded" => ErrorKind::InvalidInput,
        "RealtimeDisabledForTenant" | "TenantNotFound" => ErrorKind::NotFound,
        "TimeoutOnRpcCall" => ErrorKind::Timeout,
        "InitializingProjectConnection"
        | "DatabaseLackOfConnections"
        | "IncreaseConnectionPool"
        | "UnableToConnectToProject"
        | "RealtimeRestarting" => ErrorKind::Unavailable,
        _ => ErrorKind::Api,
    };
    Error::new(kind, reason)
}
