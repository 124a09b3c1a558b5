//! Providers of one's own (OAuth, OpenID) and identity providers of organisations (SAML).

use http::Method;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::AdminAuth;
use crate::auth::wire::segment;
use crate::error::Result;

/// A provider of one's own.
#[derive(Debug, Clone, Deserialize)]
#[non_exhaustive]
pub struct CustomProvider {
    /// What [`OAuth::new`](crate::auth::OAuth::new) is given: `custom:…`.
    #[serde(default)]
    pub identifier: String,
    /// Whatever else the server says.
    #[serde(flatten)]
    pub other: Map<String, Value>,
}

/// Providers of one's own, from [`AdminAuth::providers`]. Their settings are JSON objects with the
/// server's names.
#[derive(Debug, Clone)]
#[must_use]
pub struct AdminProviders {
    admin: AdminAuth,
}

const CUSTOM: &str = "/admin/custom-providers";

impl AdminProviders {
    pub(super) fn new(admin: AdminAuth) -> Self {
        Self { admin }
    }

    /// All of them, or those of a type (`oauth2`, `oidc`).
    ///
    /// # Errors
    /// When the key may not.
    pub async fn list(&self, kind: Option<&str>) -> Result<Vec<CustomProvider>> {
        #[derive(Deserialize)]
        struct List {
            providers: Vec<CustomProvider>,
        }
        let List { providers } = self.admin.json(self.admin.call(Method::GET, CUSTOM)?.query_if("type", kind)).await?;
        Ok(providers)
    }

    /// A new one.
    ///
    /// # Errors
    /// `validation_failed`, `over_custom_provider_quota`.
    pub async fn create(&self, settings: Value) -> Result<CustomProvider> {
        self.admin.json(self.admin.call(Method::POST, CUSTOM)?.body(settings)).await
    }

    /// One of them.
    ///
    /// # Errors
    /// `custom_provider_not_found`.
    pub async fn get(&self, identifier: &str) -> Result<CustomProvider> {
        self.admin.json(self.admin.call(Method::GET, format!("{CUSTOM}/{}", segment(identifier)?))?).await
    }

    /// Changes one.
    ///
    /// # Errors
    /// `custom_provider_not_found`.
    pub async fn update(&self, identifier: &str, settings: Value) -> Result<CustomProvider> {
        let call = self.admin.call(Method::PUT, format!("{CUSTOM}/{}", segment(identifier)?))?;
        self.admin.json(call.body(settings)).await
    }

    /// Deletes one.
    ///
    /// # Errors
    /// `custom_provider_not_found`.
    pub async fn delete(&self, identifier: &str) -> Result<()> {
        self.admin.send(self.admin.call(Method::DELETE, format!("{CUSTOM}/{}", segment(identifier)?))?).await.map(drop)
    }
}

/// An identity provider of an organisation.
#[derive(Debug, Clone, Deserialize)]
#[non_exhaustive]
pub struct SsoProvider {
    /// The id, which is not necessarily a UUID.
    pub id: String,
    /// Whatever else the server says.
    #[serde(flatten)]
    pub other: Map<String, Value>,
}

/// Identity providers of organisations, from [`AdminAuth::sso_providers`]. Their settings are JSON
/// objects with the server's names.
#[derive(Debug, Clone)]
#[must_use]
pub struct AdminSso {
    admin: AdminAuth,
}

const SSO: &str = "/admin/sso/providers";

impl AdminSso {
    pub(super) fn new(admin: AdminAuth) -> Self {
        Self { admin }
    }

    /// All of them.
    ///
    /// # Errors
    /// `saml_provider_disabled`.
    pub async fn list(&self) -> Result<Vec<SsoProvider>> {
        #[derive(Deserialize)]
        struct List {
            items: Vec<SsoProvider>,
        }
        let List { items } = self.admin.json(self.admin.call(Method::GET, SSO)?).await?;
        Ok(items)
    }

    /// A new one.
    ///
    /// # Errors
    /// `saml_idp_already_exists`, `sso_domain_already_exists`, `saml_metadata_fetch_failed`.
    pub async fn create(&self, settings: Value) -> Result<SsoProvider> {
        self.admin.json(self.admin.call(Method::POST, SSO)?.body(settings)).await
    }

    /// One of them.
    ///
    /// # Errors
    /// `sso_provider_not_found`.
    pub async fn get(&self, id: &str) -> Result<SsoProvider> {
        self.admin.json(self.admin.call(Method::GET, format!("{SSO}/{}", segment(id)?))?).await
    }

    /// Changes one.
    ///
    /// # Errors
    /// `sso_provider_not_found`.
    pub async fn update(&self, id: &str, settings: Value) -> Result<SsoProvider> {
        self.admin.json(self.admin.call(Method::PUT, format!("{SSO}/{}", segment(id)?))?.body(settings)).await
    }

    /// Deletes one.
    ///
    /// # Errors
    /// `sso_provider_not_found`.
    pub async fn delete(&self, id: &str) -> Result<()> {
        self.admin.send(self.admin.call(Method::DELETE, format!("{SSO}/{}", segment(id)?))?).await.map(drop)
    }
}
