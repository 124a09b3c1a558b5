//! The project as a place to sign in for other applications: what the signed-in user allows them.

use http::Method;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::Auth;
use super::wire::{self, Call, segment};
use crate::error::Result;

/// Grants and authorizations of the signed-in user, from [`Auth::oauth`].
#[derive(Debug, Clone)]
#[must_use]
pub struct OAuthServer {
    auth: Auth,
}

/// An authorization that an application asks for. Once it is decided there is only a URL to go to.
#[derive(Clone, Deserialize)]
#[non_exhaustive]
pub struct AuthorizationDetails {
    /// The authorization's id.
    #[serde(default)]
    pub authorization_id: Option<String>,
    /// The application that asks, as JSON.
    #[serde(default)]
    pub client: Option<Value>,
    /// The user, as JSON.
    #[serde(default)]
    pub user: Option<Value>,
    /// What it asks for, separated by spaces.
    #[serde(default)]
    pub scope: Option<String>,
    /// Where to go back to.
    #[serde(default)]
    pub redirect_url: Option<String>,
    /// Whatever else the server says.
    #[serde(flatten)]
    pub other: Map<String, Value>,
}

impl std::fmt::Debug for AuthorizationDetails {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Once consent is given the query holds the code; what else there may be, nobody knows.
        let redirect = self.redirect_url.as_deref().and_then(|url| url.split(['?', '#']).next());
        out.debug_struct("AuthorizationDetails")
            .field("authorization_id", &self.authorization_id)
            .field("client", &self.client)
            .field("user", &self.user)
            .field("scope", &self.scope)
            .field("redirect_url", &redirect)
            .field("other", &self.other.keys().collect::<Vec<_>>())
            .finish()
    }
}

impl OAuthServer {
    pub(super) fn new(auth: Auth) -> Self {
        Self { auth }
    }

    async fn call(&self, method: Method, path: impl Into<String>) -> Result<Call> {
        Ok(Call::new(method, path).bearer(self.auth.user_bearer().await?))
    }

    /// What an application asks for.
    ///
    /// # Errors
    /// `oauth_authorization_not_found`.
    pub async fn authorization(&self, id: &str) -> Result<AuthorizationDetails> {
        let path = format!("/oauth/authorizations/{}", segment(id)?);
        wire::json(&self.auth.client, self.call(Method::GET, path).await?).await
    }

    async fn decide(&self, id: &str, action: &str) -> Result<String> {
        #[derive(Deserialize)]
        struct Decided {
            redirect_url: String,
        }
        let path = format!("/oauth/authorizations/{}/consent", segment(id)?);
        let call = self.call(Method::POST, path).await?.body(json!({ "action": action }));
        let Decided { redirect_url } = wire::json(&self.auth.client, call).await?;
        Ok(redirect_url)
    }

    /// Allows it, and gives the URL to go back to.
    ///
    /// # Errors
    /// `oauth_authorization_not_found`.
    pub async fn approve(&self, id: &str) -> Result<String> {
        self.decide(id, "approve").await
    }

    /// Refuses it, and gives the URL to go back to.
    ///
    /// # Errors
    /// `oauth_authorization_not_found`.
    pub async fn deny(&self, id: &str) -> Result<String> {
        self.decide(id, "deny").await
    }

    /// What the user has allowed, as JSON: one object for each application.
    ///
    /// # Errors
    /// When nobody is signed in.
    pub async fn grants(&self) -> Result<Vec<Value>> {
        wire::json(&self.auth.client, self.call(Method::GET, "/user/oauth/grants").await?).await
    }

    /// Takes back what an application was allowed.
    ///
    /// # Errors
    /// `oauth_consent_not_found`.
    pub async fn revoke_grant(&self, client_id: &str) -> Result<()> {
        let call = self.call(Method::DELETE, "/user/oauth/grants").await?.query("client_id", client_id);
        wire::send(&self.auth.client, call).await.map(drop)
    }
}
