//! Mails and text messages that would have been sent.
//!
//! Programs that are no part of the process read them at `/auth/v1/local/messages`, with the service key.

use serde_json::{Value, json};

/// A captured mail or text message.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Message {
    /// The address or number.
    pub to: String,
    /// What it is for: `signup`, `magiclink`, `recovery`, `invite`, `email_change`, `reauthentication`, `sms`,
    /// `phone_change`, `mfa`.
    pub kind: String,
    /// The code.
    pub token: String,
    /// The hash that a link carries; empty for text messages.
    pub token_hash: String,
    /// The link; empty for text messages.
    pub link: String,
}

impl Message {
    pub(super) fn json(&self) -> Value {
        json!({ "to": self.to, "kind": self.kind, "token": self.token, "token_hash": self.token_hash, "link": self.link })
    }
}
