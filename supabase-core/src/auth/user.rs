//! The user as the auth service describes one.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;
use uuid::Uuid;

use crate::types::DateTimeUtc;

/// A user.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct User {
    /// The id: `auth.uid()` in policies, `sub` in tokens.
    pub id: Uuid,
    /// The audience, `authenticated`.
    #[serde(default)]
    pub aud: String,
    /// The role of the database that requests of this user run as.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
    /// The e-mail address; `None` for users without one.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "text")]
    pub email: Option<String>,
    /// The phone number; `None` for users without one.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "text")]
    pub phone: Option<String>,
    /// What only the server may set: providers, claims of the application.
    #[serde(default)]
    pub app_metadata: BTreeMap<String, Value>,
    /// What the user may set: never decide about access by it.
    #[serde(default)]
    pub user_metadata: BTreeMap<String, Value>,
    /// The identities, where the answer has them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub identities: Option<Vec<Identity>>,
    /// The factors of multi-factor authentication.
    #[serde(default, skip_serializing_if = "Vec::is_empty", deserialize_with = "list")]
    pub factors: Vec<Factor>,
    /// Whether the user signed in anonymously and has no identity yet.
    #[serde(default)]
    pub is_anonymous: bool,
    /// Since when the user exists.
    #[serde(default, with = "moment", skip_serializing_if = "Option::is_none")]
    pub created_at: Option<DateTimeUtc>,
    /// When the user was last changed.
    #[serde(default, with = "moment", skip_serializing_if = "Option::is_none")]
    pub updated_at: Option<DateTimeUtc>,
    /// When the first address or number was confirmed.
    #[serde(default, with = "moment", skip_serializing_if = "Option::is_none")]
    pub confirmed_at: Option<DateTimeUtc>,
    /// When the address was confirmed.
    #[serde(default, with = "moment", skip_serializing_if = "Option::is_none")]
    pub email_confirmed_at: Option<DateTimeUtc>,
    /// When the number was confirmed.
    #[serde(default, with = "moment", skip_serializing_if = "Option::is_none")]
    pub phone_confirmed_at: Option<DateTimeUtc>,
    /// When the user last signed in.
    #[serde(default, with = "moment", skip_serializing_if = "Option::is_none")]
    pub last_sign_in_at: Option<DateTimeUtc>,
    /// When a confirmation was sent.
    #[serde(default, with = "moment", skip_serializing_if = "Option::is_none")]
    pub confirmation_sent_at: Option<DateTimeUtc>,
    /// When a recovery link was sent.
    #[serde(default, with = "moment", skip_serializing_if = "Option::is_none")]
    pub recovery_sent_at: Option<DateTimeUtc>,
    /// When a change of the address was sent.
    #[serde(default, with = "moment", skip_serializing_if = "Option::is_none")]
    pub email_change_sent_at: Option<DateTimeUtc>,
    /// The address that waits for its confirmation.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "text")]
    pub new_email: Option<String>,
    /// The number that waits for its confirmation.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "text")]
    pub new_phone: Option<String>,
    /// When the user was invited.
    #[serde(default, with = "moment", skip_serializing_if = "Option::is_none")]
    pub invited_at: Option<DateTimeUtc>,
    /// Until when the user is banned.
    #[serde(default, with = "moment", skip_serializing_if = "Option::is_none")]
    pub banned_until: Option<DateTimeUtc>,
    /// When the user was deleted softly.
    #[serde(default, with = "moment", skip_serializing_if = "Option::is_none")]
    pub deleted_at: Option<DateTimeUtc>,
    /// Whatever else the server says.
    #[serde(flatten)]
    pub other: BTreeMap<String, Value>,
}

/// One way by which a user signs in.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Identity {
    /// The id of the identity; this is what [`unlink_identity`](super::Auth::unlink_identity) takes.
    #[serde(default)]
    pub identity_id: String,
    /// The id that the provider gives.
    #[serde(default)]
    pub id: String,
    /// The user.
    #[serde(default)]
    pub user_id: Option<Uuid>,
    /// `email`, `phone`, `google`, …
    #[serde(default)]
    pub provider: String,
    /// What the provider says about the user.
    #[serde(default, deserialize_with = "map")]
    pub identity_data: BTreeMap<String, Value>,
    /// When it was last used.
    #[serde(default, with = "moment", skip_serializing_if = "Option::is_none")]
    pub last_sign_in_at: Option<DateTimeUtc>,
    /// Since when it exists.
    #[serde(default, with = "moment", skip_serializing_if = "Option::is_none")]
    pub created_at: Option<DateTimeUtc>,
    /// When it was last changed.
    #[serde(default, with = "moment", skip_serializing_if = "Option::is_none")]
    pub updated_at: Option<DateTimeUtc>,
    /// Whatever else the server says.
    #[serde(flatten)]
    pub other: BTreeMap<String, Value>,
}

/// A factor of multi-factor authentication.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Factor {
    /// The id.
    pub id: String,
    /// What the user calls it.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "text")]
    pub friendly_name: Option<String>,
    /// `totp`, `phone`, `webauthn`, `recovery_code`.
    #[serde(default)]
    pub factor_type: String,
    /// `verified` or `unverified`.
    #[serde(default)]
    pub status: String,
    /// The number, of a phone factor.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "text")]
    pub phone: Option<String>,
    /// Since when it exists.
    #[serde(default, with = "moment", skip_serializing_if = "Option::is_none")]
    pub created_at: Option<DateTimeUtc>,
    /// When it was last changed.
    #[serde(default, with = "moment", skip_serializing_if = "Option::is_none")]
    pub updated_at: Option<DateTimeUtc>,
}

impl Factor {
    /// Whether it counts for the second level.
    #[must_use]
    pub fn is_verified(&self) -> bool {
        self.status == "verified"
    }
}

/// The server writes an absent address as `""`.
fn text<'de, D: Deserializer<'de>>(from: D) -> Result<Option<String>, D::Error> {
    Ok(Option::<String>::deserialize(from)?.filter(|text| !text.is_empty()))
}

fn list<'de, D: Deserializer<'de>, T: Deserialize<'de>>(from: D) -> Result<Vec<T>, D::Error> {
    Ok(Option::deserialize(from)?.unwrap_or_default())
}

fn map<'de, D: Deserializer<'de>>(from: D) -> Result<BTreeMap<String, Value>, D::Error> {
    Ok(Option::deserialize(from)?.unwrap_or_default())
}

/// Timestamps in RFC 3339. One that cannot be read is left out: no sign-in fails because of it.
mod moment {
    use super::{DateTimeUtc, Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(moment: &Option<DateTimeUtc>, to: S) -> Result<S::Ok, S::Error> {
        match moment {
            Some(moment) => to.serialize_str(&moment.to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true)),
            None => to.serialize_none(),
        }
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Option<DateTimeUtc>, D::Error> {
        let text = Option::<String>::deserialize(from)?;
        Ok(text.and_then(|text| chrono::DateTime::parse_from_rfc3339(&text).ok()).map(|moment| moment.to_utc()))
    }
}
