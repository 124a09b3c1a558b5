//! Passkeys of the signed-in user, and signing in with one.
//!
//! The authenticator is the platform's: the options go to it, and what it answers comes back here as
//! JSON.

use http::Method;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::Auth;
use super::event::AuthEvent;
use super::request::security;
use super::session::Session;
use super::wire::{self, Call, segment};
use crate::error::Result;

/// Passkeys, from [`Auth::passkeys`].
#[derive(Debug, Clone)]
#[must_use]
pub struct Passkeys {
    auth: Auth,
}

/// What the platform's authenticator is to be asked.
#[derive(Debug, Clone, Deserialize)]
#[non_exhaustive]
pub struct PasskeyChallenge {
    /// The challenge's id.
    pub challenge_id: String,
    /// The options of WebAuthn, as JSON.
    #[serde(default)]
    pub options: Value,
}

/// A passkey.
#[derive(Debug, Clone, Deserialize)]
#[non_exhaustive]
pub struct Passkey {
    /// The id.
    pub id: String,
    /// What the user calls it.
    #[serde(default)]
    pub friendly_name: Option<String>,
    /// Whatever else the server says.
    #[serde(flatten)]
    pub other: Map<String, Value>,
}

impl Passkeys {
    pub(super) fn new(auth: Auth) -> Self {
        Self { auth }
    }

    async fn call(&self, method: Method, path: impl Into<String>) -> Result<Call> {
        Ok(Call::new(method, path).bearer(self.auth.user_bearer().await?))
    }

    /// Begins the registration of a passkey for the signed-in user.
    ///
    /// # Errors
    /// `passkey_disabled`, `too_many_passkeys`.
    pub async fn start_registration(&self) -> Result<PasskeyChallenge> {
        wire::json(&self.auth.client, self.call(Method::POST, "/passkeys/registration/options").await?.body(json!({})))
            .await
    }

    /// Ends the registration with what the authenticator answered.
    ///
    /// # Errors
    /// `webauthn_verification_failed`, `webauthn_challenge_expired`.
    pub async fn finish_registration(&self, challenge_id: &str, credential: Value) -> Result<Passkey> {
        let body = json!({ "challenge_id": challenge_id, "credential": credential });
        wire::json(&self.auth.client, self.call(Method::POST, "/passkeys/registration/verify").await?.body(body)).await
    }

    /// Begins signing in with a passkey.
    ///
    /// # Errors
    /// `passkey_disabled`.
    pub async fn start_authentication(&self, captcha: Option<&str>) -> Result<PasskeyChallenge> {
        let body = json!({ "gotrue_meta_security": security(captcha) });
        wire::json(&self.auth.client, Call::new(Method::POST, "/passkeys/authentication/options").body(body)).await
    }

    /// Signs in with what the authenticator answered.
    ///
    /// # Errors
    /// `webauthn_credential_not_found`, `webauthn_verification_failed`.
    pub async fn finish_authentication(&self, challenge_id: &str, credential: Value) -> Result<Session> {
        let owner = self.auth.owner()?;
        owner.load().await?;
        let body = json!({ "challenge_id": challenge_id, "credential": credential });
        let session: Session =
            wire::json(&self.auth.client, Call::new(Method::POST, "/passkeys/authentication/verify").body(body))
                .await?;
        owner.begin(session, AuthEvent::SignedIn).await
    }

    /// The user's passkeys.
    ///
    /// # Errors
    /// When nobody is signed in.
    pub async fn list(&self) -> Result<Vec<Passkey>> {
        wire::json(&self.auth.client, self.call(Method::GET, "/passkeys").await?).await
    }

    /// Renames a passkey.
    ///
    /// # Errors
    /// When the user has no such passkey.
    pub async fn rename(&self, id: &str, friendly_name: &str) -> Result<Passkey> {
        let path = format!("/passkeys/{}", segment(id)?);
        wire::json(
            &self.auth.client,
            self.call(Method::PATCH, path).await?.body(json!({ "friendly_name": friendly_name })),
        )
        .await
    }

    /// Deletes a passkey.
    ///
    /// # Errors
    /// When the user has no such passkey.
    pub async fn delete(&self, id: &str) -> Result<()> {
        let path = format!("/passkeys/{}", segment(id)?);
        wire::send(&self.auth.client, self.call(Method::DELETE, path).await?).await.map(drop)
    }
}
