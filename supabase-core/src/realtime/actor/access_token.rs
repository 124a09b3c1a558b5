//! The token that channels join with: fetched, renewed before it expires, and told.

use std::time::Duration;

use serde_json::json;

use super::Actor;
use super::channel::State;
use super::timer::Timer;
use crate::error::{Error, ErrorKind, Result};
use crate::realtime::hub::lock;
use crate::realtime::status::{ChannelStatus, RealtimeEvent};
use crate::realtime::token::expiry;
use crate::transport::BoxFuture;

/// How long before its expiry a token is replaced.
pub(super) const TOKEN_MARGIN: Duration = Duration::from_secs(30);

impl Actor {
    /// There is another token: one that is being fetched may be the old one.
    pub(super) fn token_outdated(&mut self) {
        self.outdated = self.fetch.is_some();
        self.fetch_token();
    }

    /// Asks for the token. When it is there, the channels that want to are joined with it.
    pub(super) fn fetch_token(&mut self) {
        if self.fetch.is_some() {
            return;
        }
        let shared = self.shared.clone();
        let deadline = shared.options.connect_deadline;
        self.fetch = Some(Box::pin(async move {
            let asked = async {
                let manual = lock(&shared.manual).clone();
                if let Some(token) = manual {
                    return Ok(token);
                }
                let key = || shared.key.text().to_owned();
                match &shared.options.access_token {
                    Some(give) => Ok(give().await?.unwrap_or_else(key)),
                    None => Ok(shared.tokens.token().await?.map_or_else(key, |token| token.text().to_owned())),
                }
            };
            tokio::time::timeout(deadline, asked)
                .await
                .unwrap_or_else(|_| Err(Error::new(ErrorKind::Timeout, "no access token was given in time")))
        }));
    }

    pub(super) fn token_arrived(&mut self, token: Result<String>) {
        self.fetch = None;
        self.token_generation += 1;
        if std::mem::take(&mut self.outdated) {
            return self.fetch_token();
        }
        let token = match token {
            Ok(token) => token,
            Err(error) => {
                self.event(RealtimeEvent::TokenFailed(error.to_string()));
                let refused: Vec<u64> = self
                    .channels
                    .iter()
                    .filter(|(_, channel)| !channel.waiters.is_empty())
                    .map(|(id, _)| *id)
                    .collect();
                for id in refused {
                    self.turn_down(id, Error::new(error.kind(), error.to_string()));
                }
                self.token_attempt = self.token_attempt.saturating_add(1);
                let wait = (self.shared.options.backoff)(self.token_attempt).max(Duration::from_secs(1));
                self.at(wait, Timer::Token(self.token_generation));
                return;
            }
        };
        self.token_attempt = 0;
        let changed = self.token.as_ref().is_some_and(|old| *old != token);
        let signed_out = is_opaque(&token) && self.token.as_ref().is_some_and(|old| !is_opaque(old));
        if let Some(expires) = expiry(&token)
            && lock(&self.shared.manual).is_none()
        {
            // Before it expires; where no other one could be had by then, a little later again.
            let left = expires.duration_since((self.shared.options.clock)()).unwrap_or_default();
            let after =
                left.checked_sub(TOKEN_MARGIN).filter(|after| !after.is_zero()).unwrap_or(Duration::from_secs(10));
            self.at(after, Timer::Token(self.token_generation));
        }
        self.token = Some(token.clone());
        if changed {
            self.event(RealtimeEvent::TokenChanged);
        }
        if signed_out {
            self.join_again();
        } else if changed {
            let payload = json!({ "access_token": token }).to_string();
            let joined: Vec<(String, String)> = self
                .channels
                .values()
                .filter_map(|channel| Some((channel.join_ref()?.to_owned(), channel.topic.clone())))
                .collect();
            for (join_ref, topic) in joined {
                let reference = self.reference();
                self.say_plain(Some(&join_ref), &reference, &topic, "access_token", &payload);
            }
        }
        if self.is_up() {
            let mut wanted: Vec<u64> =
                self.channels.iter().filter(|(_, channel)| channel.state == State::Wanted).map(|(id, _)| *id).collect();
            // In the order in which they were made.
            wanted.sort_unstable();
            for id in wanted {
                self.join(id, &token);
            }
        }
    }
}

impl Actor {
    /// Leaves what is joined, so that it is joined again with the token that there is now. The server takes no notice
    /// of an opaque key that it is told on a channel, and would go on as the user who was there before.
    fn join_again(&mut self) {
        let heard = self.last_heard;
        let mut joined: Vec<(u64, String, String)> = Vec::new();
        for (id, channel) in &mut self.channels {
            let Some(join_ref) = channel.join_ref().map(str::to_owned) else { continue };
            if channel.confirmed {
                channel.gap_since.get_or_insert(heard);
            }
            channel.confirmed = false;
            channel.state = State::Wanted;
            channel.set_status(ChannelStatus::Joining);
            joined.push((*id, join_ref, channel.topic.clone()));
        }
        joined.sort_unstable();
        for (_, join_ref, topic) in joined {
            let reference = self.reference();
            self.say_plain(Some(&join_ref), &reference, &topic, "phx_leave", "{}");
        }
    }
}

/// `sb_publishable_…` and `sb_secret_…`: keys that are no tokens.
fn is_opaque(token: &str) -> bool {
    token.starts_with("sb_")
}

pub(super) async fn fetched(fetch: &mut Option<BoxFuture<'static, Result<String>>>) -> Result<String> {
    match fetch {
        Some(fetch) => fetch.await,
        None => std::future::pending().await,
    }
}
