//! What servers may do: users, links, factors, applications, providers. It takes the project's
//! service (secret) key, which must never reach a browser or a device.

mod clients;
mod factors;
mod link;
mod providers;
mod users;

pub use clients::{AdminClients, OAuthClient, OAuthClientSettings};
pub use factors::{AdminFactors, AdminPasskeys};
pub use link::{GeneratedLink, LinkRequest};
pub use providers::{AdminProviders, AdminSso, CustomProvider, SsoProvider};
pub use users::{AdminUser, UserPage};

use http::Method;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::account::{SignOutScope, log_out};
use super::jwt;
use super::wire::{self, Answer, Call};
use crate::client::Client;
use crate::error::{Error, ErrorKind, Result};
use crate::token::{Bearer, Token};

/// Methods for servers, from [`Auth::admin`](super::Auth::admin).
///
/// Every one of them fails before anything is sent when the client's key is certainly not a service
/// key. They act by the key, whoever is signed in.
#[derive(Debug, Clone)]
#[must_use]
pub struct AdminAuth {
    client: Client,
}

impl AdminAuth {
    pub(super) fn new(client: Client) -> Self {
        Self { client }
    }

    /// Factors of users.
    pub fn mfa(&self) -> AdminFactors {
        AdminFactors::new(self.clone())
    }

    /// Passkeys of users.
    pub fn passkeys(&self) -> AdminPasskeys {
        AdminPasskeys::new(self.clone())
    }

    /// Applications that sign in by this project.
    pub fn oauth_clients(&self) -> AdminClients {
        AdminClients::new(self.clone())
    }

    /// Providers of one's own.
    pub fn providers(&self) -> AdminProviders {
        AdminProviders::new(self.clone())
    }

    /// Identity providers of organisations (SAML).
    pub fn sso_providers(&self) -> AdminSso {
        AdminSso::new(self.clone())
    }

    /// Ends the sessions of a token's user.
    ///
    /// # Errors
    /// When the server refuses the token for another reason than that its session is gone.
    pub async fn sign_out(&self, access_token: &str, scope: SignOutScope) -> Result<()> {
        may_administer(self.client.key())?;
        log_out(&self.client, access_token, scope).await
    }

    fn call(&self, method: Method, path: impl Into<String>) -> Result<Call> {
        may_administer(self.client.key())?;
        Ok(Call::new(method, path).bearer(Bearer::Key))
    }

    async fn json<T: DeserializeOwned>(&self, call: Call) -> Result<T> {
        wire::json(&self.client, call).await
    }

    async fn send(&self, call: Call) -> Result<Answer> {
        wire::send(&self.client, call).await
    }
}

/// Whether this key can be a service key: anon and publishable ones cannot.
fn may_administer(key: &Token) -> Result<()> {
    let role =
        jwt::claims(key.text()).ok().and_then(|claims| claims.get("role").and_then(Value::as_str).map(str::to_owned));
    let what = match role.as_deref() {
        _ if key.text().starts_with("sb_publishable_") => "a publishable one".to_owned(),
        Some("anon" | "authenticated") => format!("one for the role `{}`", role.unwrap_or_default()),
        _ => return Ok(()),
    };
    Err(Error::new(
        ErrorKind::PermissionDenied,
        format!(
            "admin methods need the project's service (secret) key, and this client's key is {what}: build another client, on a server, with that key"
        ),
    ))
}
