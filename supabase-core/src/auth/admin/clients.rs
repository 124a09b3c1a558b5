//! Applications that sign in by this project.

use http::Method;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::AdminAuth;
use crate::auth::request::hidden;
use crate::auth::wire::segment;
use crate::error::Result;

hidden!(OAuthClient);

/// An application. It may hold the application's secret, and `Debug` shows nothing of it.
#[derive(Clone, Deserialize)]
#[non_exhaustive]
pub struct OAuthClient {
    /// The id.
    pub client_id: String,
    /// The name that users see.
    #[serde(default)]
    pub client_name: String,
    /// The secret, when it was made just now.
    #[serde(default)]
    pub client_secret: Option<String>,
    /// `confidential` or `public`.
    #[serde(default)]
    pub client_type: Option<String>,
    /// Where it may be sent back to.
    #[serde(default)]
    pub redirect_uris: Vec<String>,
    /// Whatever else the server says.
    #[serde(flatten)]
    pub other: Map<String, Value>,
}

/// What of an application is to be set.
#[derive(Debug, Clone, Default)]
#[must_use]
pub struct OAuthClientSettings {
    fields: Map<String, Value>,
}

impl OAuthClientSettings {
    /// Nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Any field, by the name that the server has for it.
    pub fn set(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.fields.insert(name.to_owned(), value.into());
        self
    }

    /// The name that users see.
    pub fn name(self, name: impl Into<String>) -> Self {
        self.set("client_name", name.into())
    }

    /// Where it may be sent back to.
    pub fn redirect_uris<T: Into<String>>(self, uris: impl IntoIterator<Item = T>) -> Self {
        self.set("redirect_uris", uris.into_iter().map(Into::into).collect::<Vec<String>>())
    }

    /// Its page.
    pub fn client_uri(self, uri: impl Into<String>) -> Self {
        self.set("client_uri", uri.into())
    }

    /// Its picture.
    pub fn logo_uri(self, uri: impl Into<String>) -> Self {
        self.set("logo_uri", uri.into())
    }

    /// What it may ask for, separated by spaces.
    pub fn scope(self, scope: impl Into<String>) -> Self {
        self.set("scope", scope.into())
    }
}

/// Applications, from [`AdminAuth::oauth_clients`].
#[derive(Debug, Clone)]
#[must_use]
pub struct AdminClients {
    admin: AdminAuth,
}

impl AdminClients {
    pub(super) fn new(admin: AdminAuth) -> Self {
        Self { admin }
    }

    fn call(&self, method: Method, id: &str, rest: &str) -> Result<super::Call> {
        self.admin.call(method, format!("/admin/oauth/clients/{}{rest}", segment(id)?))
    }

    /// A page of applications, counted from 1.
    ///
    /// # Errors
    /// When the project is no OAuth server.
    pub async fn list(&self, page: Option<u32>, per_page: Option<u32>) -> Result<Vec<OAuthClient>> {
        #[derive(Deserialize)]
        struct List {
            clients: Vec<OAuthClient>,
        }
        let (page, per_page) = (page.map(|page| page.to_string()), per_page.map(|count| count.to_string()));
        let call = self.admin.call(Method::GET, "/admin/oauth/clients")?;
        let call = call.query_if("page", page.as_deref()).query_if("per_page", per_page.as_deref());
        let List { clients } = self.admin.json(call).await?;
        Ok(clients)
    }

    /// A new application; its secret is told this once.
    ///
    /// # Errors
    /// `validation_failed`.
    pub async fn create(&self, settings: OAuthClientSettings) -> Result<OAuthClient> {
        let call = self.admin.call(Method::POST, "/admin/oauth/clients")?;
        self.admin.json(call.body(Value::Object(settings.fields))).await
    }

    /// One application.
    ///
    /// # Errors
    /// `oauth_client_not_found`.
    pub async fn get(&self, id: &str) -> Result<OAuthClient> {
        self.admin.json(self.call(Method::GET, id, "")?).await
    }

    /// Changes an application.
    ///
    /// # Errors
    /// `oauth_client_not_found`.
    pub async fn update(&self, id: &str, settings: OAuthClientSettings) -> Result<OAuthClient> {
        self.admin.json(self.call(Method::PUT, id, "")?.body(Value::Object(settings.fields))).await
    }

    /// Deletes an application.
    ///
    /// # Errors
    /// `oauth_client_not_found`.
    pub async fn delete(&self, id: &str) -> Result<()> {
        self.admin.send(self.call(Method::DELETE, id, "")?).await.map(drop)
    }

    /// Makes another secret, which is told this once; the old one no longer holds.
    ///
    /// # Errors
    /// `oauth_client_not_found`.
    pub async fn regenerate_secret(&self, id: &str) -> Result<OAuthClient> {
        self.admin.json(self.call(Method::POST, id, "/regenerate_secret")?).await
    }
}
