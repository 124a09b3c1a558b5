//! A session: the two tokens, how long they last, and whose they are.

use std::fmt;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::jwt;
use super::user::User;

/// A signed-in user's session. Its tokens show neither in `Debug` nor in `Display`.
///
/// Serialised it is the JSON that the official clients keep: that holds the tokens, so treat it as a
/// secret.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Session {
    /// The token that requests carry, a JWT.
    pub access_token: String,
    /// The token that gets the next pair, once.
    pub refresh_token: String,
    /// How many seconds the access token lasts from when it was issued.
    #[serde(default)]
    pub expires_in: i64,
    /// When it ends, in seconds since 1970 by this machine's clock.
    #[serde(default)]
    pub expires_at: i64,
    /// `bearer`.
    #[serde(default)]
    pub token_type: String,
    /// The user.
    pub user: User,
    /// The OAuth provider's access token, on the sign-in that got it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provider_token: Option<String>,
    /// The OAuth provider's refresh token, on the sign-in that got it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provider_refresh_token: Option<String>,
    /// That the password is one that the project would not accept today, with the reasons.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub weak_password: Option<Value>,
}

impl fmt::Debug for Session {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Session")
            .field("user", &self.user.id)
            .field("expires_at", &self.expires_at)
            .finish_non_exhaustive()
    }
}

impl Session {
    /// How much longer the access token lasts; zero once it has ended.
    #[must_use]
    pub fn remaining(&self) -> Duration {
        self.remaining_at(SystemTime::now())
    }

    pub(super) fn remaining_at(&self, now: SystemTime) -> Duration {
        let end = UNIX_EPOCH + Duration::from_secs(u64::try_from(self.expires_at).unwrap_or_default());
        end.duration_since(now).unwrap_or_default()
    }

    /// Makes `expires_at` one of this machine's clock: whatever clock the server has, a token that
    /// lasts an hour from now lasts an hour from now.
    pub(super) fn received(mut self, now: SystemTime) -> Self {
        let now = seconds(now);
        if self.expires_in <= 0 {
            let claims = jwt::claims(&self.access_token).ok();
            let claim = |name: &str| claims.as_ref().and_then(|claims| claims.get(name)).and_then(Value::as_i64);
            self.expires_in = match (claim("exp"), claim("iat")) {
                (Some(end), Some(start)) => end - start,
                _ if self.expires_at > 0 => self.expires_at - now,
                _ => 3600,
            };
        }
        self.expires_at = now + self.expires_in;
        self
    }
}

pub(super) fn seconds(time: SystemTime) -> i64 {
    time.duration_since(UNIX_EPOCH).map_or(0, |since| i64::try_from(since.as_secs()).unwrap_or(i64::MAX))
}
